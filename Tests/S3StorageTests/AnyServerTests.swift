import Cryptography
import RoomCore
import RoomStorage
import Testing

@testable import S3Storage

/// What every server must show, whatever else it checks.
@Suite(.enabled(if: !TestServer.all.isEmpty)) struct AnyServerTests {
    @Test(arguments: TestServer.all) func aRangeOfAnObjectIsRead(_ url: String) async throws {
        let blobs = try await TestServer.blobs(url)
        try await blobs.store(Array(0..<100), at: try key("k"))
        let found = try #require(try await blobs.client.get("k", range: 10...19))
        #expect(found.bytes == Array(10..<20))
    }

    @Test(arguments: TestServer.all) func partsThatWeSendOurselvesAreJoined(_ url: String) async throws {
        let blobs = try await TestServer.blobs(url)
        let upload = PartsID(try await blobs.client.createUpload(of: "k"))
        let first = [UInt8](repeating: 1, count: 5 << 20)
        _ = try await blobs.client.uploadPart(1, of: upload.text, at: "k", first)
        _ = try await blobs.client.uploadPart(2, of: upload.text, at: "k", [2])
        let parts = try #require(try await blobs.storedParts(of: upload, at: try key("k")))
        try await blobs.finishParts(upload, at: try key("k"), from: parts)
        #expect(try await blobs.load(try key("k")) == first + [2])
    }

    /// A part that is named and never came.
    @Test(arguments: TestServer.all) func partsThatNeverCameAreNotJoined(_ url: String) async throws {
        let blobs = try await TestServer.blobs(url)
        let upload = try await blobs.beginParts(of: try key("k"))
        let tag = BlobTag("\"00000000000000000000000000000000\"")
        await #expect(throws: StoreError.self) {
            try await blobs.finishParts(upload, at: key("k"), from: [StoredPart(number: 1, size: 1, tag: tag)])
        }
        #expect(try await blobs.size(of: try key("k")) == nil)
    }

    @Test(arguments: TestServer.all) func anotherBodyIsRefusedOrFoundOut(_ url: String) async throws {
        let blobs = try await TestServer.blobs(url)
        let promised = Digest(trusted: SHA256.hex([1, 2, 3]))
        let up = try await blobs.uploadAddress(
            for: try key("k"), size: 3, sha256: promised, expiry: TestServer.clock().advanced(bySeconds: 60))
        let answer = try await TestServer.send(up, [1, 2, 4])
        guard (200...299).contains(answer.status) else {
            #expect(try await blobs.size(of: try key("k")) == nil)
            return
        }
        let digest = try #require(try await blobs.digest(of: try key("k")))
        #expect(digest.sha256 != promised)
        let verified = try #require(try await blobs.verification(of: try key("k")))
        #expect(verified.sha256 != promised, "\(url) status \(answer.status)")
    }
}
