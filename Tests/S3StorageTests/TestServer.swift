import Cryptography
import Glibc
import HTTPFetching
import RoomCore
import RoomStorage
import StorageConformance
import Synchronization
import Testing

@testable import S3Storage

/// A running S3 server that a test may use.
enum TestServer {
    /// Checks signatures; keys as in ``credentials()``.
    static let signing = environment("SLEAP_ROOMS_TEST_S3")
    /// Keeps every condition; takes any signature.
    static let conditional = environment("SLEAP_ROOMS_TEST_S3_CONDITIONAL")

    static var all: [String] { [signing, conditional].compactMap { $0 } }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    static func credentials(secret: String = "testsecretkey") throws -> S3Credentials {
        try #require(S3Credentials(accessKeyID: "TESTACCESSKEY0000001", secretAccessKey: secret))
    }

    static let clock: @Sendable () -> Timestamp = {
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        return Timestamp(microseconds: Int64(moment.tv_sec) * 1_000_000 + Int64(moment.tv_nsec) / 1_000)
    }

    static func settings(
        _ url: String, bucket: String, prefix: String = "", secret: String = "testsecretkey",
        patience: Duration = .seconds(20)
    ) throws -> S3Settings {
        try S3Settings(
            bucket: bucket, prefix: prefix, endpoint: try S3Endpoint(url),
            credentials: .fixed(credentials(secret: secret)),
            patience: patience)
    }

    /// Blobs in a bucket of their own.
    static func blobs(_ url: String, prefix: String = "", patience: Duration = .seconds(20)) async throws -> S3Blobs {
        let bucket = "t" + String(UInt64.random(in: .min ... .max), radix: 36)
        let settings = try settings(url, bucket: bucket, prefix: prefix, patience: patience)
        let blobs = S3Blobs(settings, S3Surroundings(clock: clock))
        _ = try await blobs.client.perform(S3Call(method: .put, key: nil))
        return blobs
    }

    /// Makes a request that was signed for a peer.
    static func send(_ address: SignedAddress, _ body: [UInt8]?) async throws -> PeerAnswer {
        let method = try #require(FetchMethod(rawValue: address.method))
        let headers = address.headers.filter { $0.name.lowercased() != "content-length" }
        let answer = try await HTTPFetcher().fetch(
            FetchRequest(
                method: method, url: address.url, headers: headers, body: body, responseLimit: 64 << 20))
        return PeerAnswer(status: answer.status, body: answer.body)
    }

    static func underTest(_ blobs: S3Blobs) -> FileTransfersUnderTest {
        FileTransfersUnderTest(
            transfers: blobs, blobs: blobs, send: send, sha256: { Digest(trusted: SHA256.hex($0)) }, now: clock)
    }
}

func key(_ path: String) throws -> BlobKey { try #require(BlobKey(path)) }

/// What a store told.
final class HeardEvents: Sendable {
    private let events = Mutex<[S3Event]>([])

    func hear(_ event: S3Event) { events.withLock { $0.append(event) } }

    var all: [S3Event] { events.withLock { $0 } }
}
