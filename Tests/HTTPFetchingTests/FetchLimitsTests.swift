import HTTPFetching
import ScriptedServing
import Synchronization
import Testing

@Suite struct FetchLimitsTests {
    private let fetcher = HTTPFetcher()

    @Test func anAnswerOverTheLimitIsRefused() async throws {
        let server = try ScriptedServer { _ in ScriptedReply(200, body: [UInt8](repeating: 1, count: 1_001)) }
        await #expect(throws: FetchFault.responseTooLarge(host: "127.0.0.1:\(server.port)", limit: 1_000)) {
            _ = try await fetcher.fetch(FetchRequest(url: server.url, responseLimit: 1_000))
        }
        let whole = try await fetcher.fetch(FetchRequest(url: server.url, responseLimit: 1_001))
        #expect(whole.body.count == 1_001)
    }

    @Test func endlessHeadersAreRefused() async throws {
        let line = "X-Filler: " + String(repeating: "x", count: 1_000)
        let server = try ScriptedServer { _ in
            .text(200, "x", headers: [String](repeating: line, count: 100))
        }
        await #expect(throws: FetchFault.responseTooLarge(host: "127.0.0.1:\(server.port)", limit: 65_536)) {
            _ = try await fetcher.fetch(FetchRequest(url: server.url))
        }
    }

    @Test func aServerThatIsSilentTimesOut() async throws {
        let server = try ScriptedServer { _ in ScriptedReply(raw: [], afterwards: .hang) }
        for deadlines in [
            FetchDeadlines(total: .milliseconds(200)), FetchDeadlines(total: nil, stalled: .seconds(1)),
        ] {
            await #expect(throws: FetchFault.timedOut(host: "127.0.0.1:\(server.port)")) {
                _ = try await fetcher.fetch(FetchRequest(url: server.url, deadlines: deadlines))
            }
        }
    }

    @Test func whatWaitsForItsTurnTimesOutToo() async throws {
        let fetcher = HTTPFetcher(FetchSettings(activeLimit: 1))
        let server = try ScriptedServer { _ in ScriptedReply(raw: [], afterwards: .hang) }
        let first = Task { try await fetcher.fetch(FetchRequest(url: server.url)) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let hasty = FetchRequest(url: server.url, deadlines: FetchDeadlines(total: .milliseconds(100)))
        await #expect(throws: FetchFault.timedOut(host: "127.0.0.1:\(server.port)")) {
            _ = try await fetcher.fetch(hasty)
        }
        first.cancel()
        _ = await first.result
    }

    @Test func aServerThatIsAwayIsUnreachable() async throws {
        let server = try ScriptedServer { _ in .text(200, "x") }
        let url = server.url
        server.stop()
        do {
            _ = try await fetcher.fetch(FetchRequest(url: url))
            Issue.record("nobody listens there")
        } catch {
            guard case .unreachable(let host, let reason) = error else { throw error }
            #expect(host == "127.0.0.1:\(server.port)")
            #expect(reason.contains("refused"))
        }
    }

    @Test func aConnectionThatBreaksOffIsTold() async throws {
        let server = try ScriptedServer { _ in
            ScriptedReply(raw: Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123".utf8))
        }
        do {
            _ = try await fetcher.fetch(FetchRequest(url: server.url))
            Issue.record("three bytes are not ten")
        } catch {
            guard case .brokenOff = error else { throw error }
        }
    }

    @Test func aFaultTellsNoSecretOfItsAddress() async throws {
        let server = try ScriptedServer { _ in ScriptedReply(raw: []) }
        let request = FetchRequest(
            url: "\(server.url)/path?X-Amz-Signature=s3cr3t", headers: [("Authorization", "s3cr3t")])
        do {
            _ = try await fetcher.fetch(request)
            Issue.record("there is no answer")
        } catch {
            #expect(!"\(error) \(String(reflecting: error))".contains("s3cr3t"))
            #expect("\(error)".contains("127.0.0.1"))
        }
    }

    @Test(arguments: [
        "", "ftp://host/x", "file:///etc/passwd", "host/x", "http://", "http://user:pass@host/", "http://ho st/",
        "http://host/\r\nX: y", "https:///path", "http://hóst/",
    ])
    func anAddressThatIsNoneIsRefused(_ url: String) async {
        do {
            _ = try await fetcher.fetch(FetchRequest(url: url))
            Issue.record("\(url) is no address")
        } catch {
            guard case .badRequest = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test(arguments: [("X\r\nY", "1"), ("X", "1\r\nY: 2"), ("", "1"), ("X", "a\0b"), ("X:", "1")])
    func aHeaderThatBreaksItsLineIsRefused(_ name: String, _ value: String) async throws {
        let server = try ScriptedServer { _ in .text(200, "x") }
        await #expect(throws: FetchFault.self) {
            _ = try await fetcher.fetch(FetchRequest(url: server.url, headers: [(name, value)]))
        }
        #expect(server.requests.isEmpty)
    }

    @Test func redirectsAreFollowedOnlyWhenAllowed() async throws {
        let server = try ScriptedServer {
            $0.target == "/end" ? .text(200, "end") : .text(302, "", headers: ["Location: /end"])
        }
        let first = try await fetcher.fetch(FetchRequest(url: "\(server.url)/start"))
        #expect(first.status == 302)
        let second = try await fetcher.fetch(FetchRequest(url: "\(server.url)/start", redirectLimit: 1))
        #expect(second.status == 200 && second.body == Array("end".utf8))
    }

    @Test func redirectsDoNotGoRoundForEver() async throws {
        let server = try ScriptedServer { _ in .text(302, "", headers: ["Location: /again"]) }
        await #expect(throws: FetchFault.tooManyRedirects(host: "127.0.0.1:\(server.port)")) {
            _ = try await fetcher.fetch(FetchRequest(url: server.url, redirectLimit: 3))
        }
    }

    @Test func redirectsLeadToNoOtherScheme() async throws {
        let server = try ScriptedServer { _ in .text(302, "", headers: ["Location: file:///etc/hostname"]) }
        await #expect(throws: FetchFault.self) {
            _ = try await fetcher.fetch(FetchRequest(url: server.url, redirectLimit: 3))
        }
    }

    @Test func aStreamedBodyIsGivenPieceByPieceAndNotKept() async throws {
        let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        let server = try ScriptedServer { _ in ScriptedReply(200, body: body) }
        let read = Mutex<[UInt8]>([])
        let answer = try await fetcher.stream(FetchRequest(url: server.url, responseLimit: 10)) { piece in
            let bytes = Array(piece)
            read.withLock { $0 += bytes }
            return true
        }
        #expect(answer.body.isEmpty)
        #expect(read.withLock { $0 } == body)
    }

    @Test func aReaderMayStop() async throws {
        let server = try ScriptedServer { _ in ScriptedReply(200, body: [UInt8](repeating: 1, count: 1_000_000)) }
        await #expect(throws: FetchFault.stoppedByReader) {
            _ = try await fetcher.stream(FetchRequest(url: server.url)) { _ in false }
        }
    }

    @Test func theBodyOfARefusalIsKeptAndNotStreamed() async throws {
        let server = try ScriptedServer { _ in .text(403, "why") }
        let answer = try await fetcher.stream(FetchRequest(url: server.url)) { _ in false }
        #expect(answer.body == Array("why".utf8))
    }
}
