import RoomStorage
import StorageConformance
import Testing

@testable import S3Storage

/// Every duty of blobs and of file transfers, kept on a server that checks signatures and on one that keeps conditions.
@Suite struct ConformanceTests {
    @Test(.enabled(if: TestServer.signing != nil), arguments: BlobDuties.all)
    func theSigningServerKeepsBlobs(_ duty: Duty<any BlobStore>) async throws {
        try await duty.check(try await TestServer.blobs(try #require(TestServer.signing), prefix: "some/rooms"))
    }

    @Test(.enabled(if: TestServer.conditional != nil), arguments: BlobDuties.all)
    func theConditionalServerKeepsBlobs(_ duty: Duty<any BlobStore>) async throws {
        try await duty.check(try await TestServer.blobs(try #require(TestServer.conditional)))
    }

    @Test(.enabled(if: TestServer.signing != nil), arguments: FileTransferDuties.all)
    func theSigningServerTransfersFiles(_ duty: Duty<FileTransfersUnderTest>) async throws {
        let blobs = try await TestServer.blobs(try #require(TestServer.signing), prefix: "p")
        try await duty.check(TestServer.underTest(blobs))
    }

    @Test(.enabled(if: TestServer.conditional != nil), arguments: FileTransferDuties.all)
    func theConditionalServerTransfersFiles(_ duty: Duty<FileTransfersUnderTest>) async throws {
        let blobs = try await TestServer.blobs(try #require(TestServer.conditional))
        try await duty.check(TestServer.underTest(blobs))
    }
}
