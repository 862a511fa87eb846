import EmbeddedStorage
import FoundationEssentials
import Glibc
import RoomCore
import RoomStorage
import Testing

@testable import S3Storage

/// What a test keeps its backups in: a directory, and every S3 server that runs for tests.
enum Bucket: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case directory
    /// Checks signatures.
    case signing = "SLEAP_ROOMS_TEST_S3"
    /// Keeps every condition.
    case conditional = "SLEAP_ROOMS_TEST_S3_CONDITIONAL"

    static var all: [Bucket] { allCases.filter { $0 == .directory || $0.url != nil } }

    var testDescription: String { self == .directory ? "directory" : "s3" }

    private var url: String? { getenv(rawValue).map { String(cString: $0) } }

    /// An empty one of the test's own.
    func make(below path: String) async throws -> any BlobStore {
        guard self != .directory else {
            try FileManager.default.createDirectory(atPath: "\(path)/bucket", withIntermediateDirectories: true)
            return try DirectoryBlobs(at: "\(path)/bucket")
        }
        let credentials = try #require(
            S3Credentials(accessKeyID: "TESTACCESSKEY0000001", secretAccessKey: "testsecretkey"))
        let settings = try S3Settings(
            bucket: "b" + String(UInt64.random(in: .min ... .max), radix: 36), prefix: "some/rooms",
            endpoint: try S3Endpoint(try #require(url)), credentials: .fixed(credentials))
        let blobs = S3Blobs(settings, S3Surroundings(clock: Self.wallClock))
        _ = try await blobs.client.perform(S3Call(method: .put, key: nil))
        return blobs
    }

    private static let wallClock: @Sendable () -> Timestamp = {
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        return Timestamp(microseconds: Int64(moment.tv_sec) * 1_000_000 + Int64(moment.tv_nsec) / 1_000)
    }
}
