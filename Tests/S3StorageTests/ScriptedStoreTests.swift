import HTTPFetching
import RoomCore
import RoomStorage
import ScriptedServing
import Testing

@testable import S3Storage

/// What no well-kept server does on demand: refusals, lost answers, stores without conditions.
@Suite struct ScriptedStoreTests {
    private let events = HeardEvents()

    private func blobs(_ server: ScriptedServer, patience: Duration = .seconds(20)) throws -> S3Blobs {
        let settings = try TestServer.settings(server.url, bucket: "bucket", patience: patience)
        return S3Blobs(
            settings, S3Surroundings(clock: TestServer.clock, jitter: { 0.01 }, nonce: { "mine" }, events: events.hear))
    }

    private static func refusal(_ status: Int, _ code: String) -> ScriptedReply {
        .text(status, "<Error><Code>\(code)</Code><Message>with s3cr3t words</Message></Error>")
    }

    @Test(arguments: [(503, "SlowDown"), (503, ""), (500, "InternalError"), (429, "TooManyRequests"), (502, "")])
    func aStoreInTroubleIsAskedAgain(_ status: Int, _ code: String) async throws {
        let server = try ScriptedServer { request in
            request.number < 3
                ? (code.isEmpty ? .text(status, "<html>gateway") : Self.refusal(status, code))
                : ScriptedReply(200, headers: ["ETag: \"t\""], body: [7])
        }
        #expect(try await blobs(server).load(try key("k")) == [7])
        #expect(server.requests.count == 3)
    }

    @Test(arguments: [
        (403, "AccessDenied"), (404, "NoSuchBucket"), (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch"),
        (400, "Strange"),
    ])
    func aRefusalIsNotRepeatedAndIsNamed(_ status: Int, _ code: String) async throws {
        let server = try ScriptedServer { _ in Self.refusal(status, code) }
        let error = await #expect(throws: StoreError.self) { _ = try await blobs(server).load(try key("k")) }
        #expect(server.requests.count == 1)
        #expect("\(try #require(error))".contains(code))
        #expect(!"\(try #require(error))".contains("s3cr3t"))
    }

    @Test func aStoreThatStaysInTroubleIsAwayUntilItAnswers() async throws {
        let server = try ScriptedServer { request in
            request.number <= RetryPauses.attemptLimit ? Self.refusal(503, "SlowDown") : ScriptedReply(204)
        }
        let blobs = try blobs(server)
        let error = await #expect(throws: StoreError.self) { try await blobs.delete(try key("k")) }
        #expect(blobs.state == .away("\(try #require(error))"))
        try await blobs.delete(try key("k"))
        #expect(blobs.state == .reachable)
        #expect(events.all == [.stateChanged(.away("\(try #require(error))")), .stateChanged(.reachable)])
    }

    @Test func aServerThatIsAwayIsUnavailableAndComesBack() async throws {
        let first = try ScriptedServer { _ in ScriptedReply(200, headers: ["ETag: \"t\""], afterwards: .close) }
        let blobs = try blobs(first, patience: .milliseconds(300))
        try await blobs.store([1], at: try key("k"))
        first.stop()
        let error = await #expect(throws: StoreError.self) { try await blobs.store([1], at: key("k")) }
        guard case .unavailable(let reason) = error else { throw try #require(error) }
        #expect(reason.contains("127.0.0.1:\(first.port)"))
        #expect(blobs.state != .reachable)
        let second = try ScriptedServer(port: first.port) { _ in ScriptedReply(200, headers: ["ETag: \"t\""]) }
        try await blobs.store([1], at: try key("k"))
        #expect(blobs.state == .reachable)
        #expect(second.requests.count == 1)
    }

    @Test func aWriteWhoseAnswerWasLostIsKnownAgain() async throws {
        let server = try ScriptedServer { request in
            if request.method == "HEAD" {
                return ScriptedReply(200, headers: ["ETag: \"new\"", "x-amz-meta-attempt: mine"], afterwards: .close)
            }
            // The first put is done, but its answer is lost.
            return request.number == 1 ? ScriptedReply(raw: []) : Self.refusal(412, "PreconditionFailed")
        }
        #expect(try await blobs(server).storeIfAbsent([1], at: try key("k")))
        #expect(server.requests.map(\.method) == ["PUT", "PUT", "HEAD"])
    }

    @Test func aWriteOfAnotherIsNotTakenForOurs() async throws {
        let server = try ScriptedServer { request in
            if request.method == "HEAD" {
                return ScriptedReply(200, headers: ["ETag: \"new\"", "x-amz-meta-attempt: theirs"], afterwards: .close)
            }
            return request.number == 1 ? ScriptedReply(raw: []) : Self.refusal(412, "PreconditionFailed")
        }
        #expect(try await blobs(server).storeIfAbsent([1], at: try key("k")) == false)
        let tag = try await blobs(server).replace(try key("k"), with: [1], expecting: BlobTag("\"old\""))
        #expect(tag == nil)
    }

    @Test func aConflictOfTwoConditionsIsTriedAgain() async throws {
        let server = try ScriptedServer { request in
            request.number == 1
                ? Self.refusal(409, "ConditionalRequestConflict") : ScriptedReply(200, headers: ["ETag: \"t\""])
        }
        #expect(try await blobs(server).storeIfAbsent([1], at: try key("k")))
    }

    @Test func aStoreWithoutConditionsIsComparedFirst() async throws {
        let server = try ScriptedServer { request in
            if request.headers["if-none-match"] != nil || request.headers["if-match"] != nil {
                return Self.refusal(501, "NotImplemented")
            }
            guard request.method == "HEAD" else { return ScriptedReply(200, headers: ["ETag: \"new\""]) }
            return request.target.contains("there")
                ? ScriptedReply(200, headers: ["ETag: \"old\""], afterwards: .close)
                : ScriptedReply(404, afterwards: .close)
        }
        let blobs = try blobs(server)
        #expect(try await blobs.storeIfAbsent([1], at: try key("absent")))
        #expect(try await blobs.storeIfAbsent([1], at: try key("there")) == false)
        #expect(try await blobs.replace(key("there"), with: [1], expecting: BlobTag("\"old\"")) == BlobTag("\"new\""))
        #expect(try await blobs.replace(key("there"), with: [1], expecting: BlobTag("\"older\"")) == nil)
        #expect(events.all == [.conditionsUnsupported])
        #expect(server.requests.filter { $0.headers["if-none-match"] != nil }.count == 1)
    }

    @Test func damagedBytesAreNotGiven() async throws {
        let server = try ScriptedServer { _ in
            ScriptedReply(
                200, headers: ["ETag: \"t\"", "x-amz-checksum-sha256: \(String(repeating: "A", count: 43))="])
        }
        let error = await #expect(throws: StoreError.self) { _ = try await blobs(server).load(try key("k")) }
        guard case .corrupt = error else { throw try #require(error) }
    }

    @Test(arguments: [
        "", "<html><body>captive portal</body></html>", "<!DOCTYPE a [<!ENTITY x 'y'>]><ListBucketResult/>",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size><LastModified>2026-01-01T00:00:00Z</LastModified>"
            + "</Contents></ListBucketResult>",
    ])
    func anAnswerThatIsNoneOfS3IsRefused(_ body: String) async throws {
        let server = try ScriptedServer { _ in .text(200, body) }
        let error = await #expect(throws: StoreError.self) {
            _ = try await blobs(server).list(prefix: "", after: nil, limit: 10)
        }
        guard case .corrupt = error else { throw try #require(error) }
    }

    @Test func anErrorAfterTheHeadOfAnAnswerIsHeard() async throws {
        let server = try ScriptedServer { request in
            request.number == 1
                ? .text(200, " <Error><Code>InternalError</Code></Error>")
                : .text(200, "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")
        }
        let part = StoredPart(number: 1, size: 1, tag: BlobTag("\"p\""))
        try await blobs(server).finishParts(PartsID("u"), at: try key("k"), from: [part])
        #expect(server.requests.count == 2)
        let body = String(decoding: try #require(server.requests.last).body, as: UTF8.self)
        #expect(body.contains("<ETag>&quot;p&quot;</ETag>"))
    }

    @Test func byHostTheBucketStandsBeforeTheServer() async throws {
        let credentials = S3CredentialsSource.fixed(try TestServer.credentials())
        let aws = try S3Settings(bucket: "rooms", region: "eu-west-1", credentials: credentials)
        let blobs = S3Blobs(aws, S3Surroundings(clock: TestServer.clock))
        let soon = TestServer.clock().advanced(bySeconds: 60)
        let down = try await blobs.downloadAddress(for: try key("a=b/c"), expiry: soon)
        #expect(down.url.hasPrefix("https://rooms.s3.eu-west-1.amazonaws.com/a%3Db/c?X-Amz-Algorithm="))
        #expect(!"\(down) \(String(reflecting: down))".contains("Signature"))
    }

    @Test(arguments: [
        "", "host", "ftp://host", "http://", "http://host/path", "http://u@host", "http://host:0", "http://host:x",
        "http://host:65536", "http://a b", "http://host:1:2",
    ])
    func anEndpointThatIsNoneIsRefused(_ text: String) {
        #expect(throws: S3SettingsFault.badEndpoint) { _ = try S3Endpoint(text) }
    }

    @Test func anEndpointIsWrittenAsItsHostHeader() throws {
        #expect(try S3Endpoint("https://Store.Lab.org:443/").url == "https://store.lab.org")
        #expect(try S3Endpoint("http://[::1]:9000").authority == "[::1]:9000")
        #expect(try S3Endpoint("https://h:80").authority == "h:80")
    }
}
