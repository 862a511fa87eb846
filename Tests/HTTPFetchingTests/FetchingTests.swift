import HTTPFetching
import ScriptedServing
import Synchronization
import Testing

@Suite struct FetchingTests {
    private let fetcher = HTTPFetcher()

    @Test func anAnswerHasItsStatusHeadersAndBody() async throws {
        let server = try ScriptedServer { _ in .text(404, "no", headers: ["X-Two:  words here ", "Set-Cookie: a"]) }
        let answer = try await fetcher.fetch(FetchRequest(url: "\(server.url)/a?b=c"))
        #expect(answer.status == 404)
        #expect(answer.body == Array("no".utf8))
        #expect(answer.header("x-two") == "words here")
        #expect(server.requests.first?.target == "/a?b=c")
    }

    @Test(arguments: [FetchMethod.put, .post])
    func aBodyIsSentWhole(_ method: FetchMethod) async throws {
        let server = try ScriptedServer { ScriptedReply(200, body: $0.body) }
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let answer = try await fetcher.fetch(
            FetchRequest(
                method: method, url: server.url, headers: [("X-A", "1"), ("X-Empty", "")], body: body,
                responseLimit: 3_000_000))
        #expect(answer.body == body)
        let request = try #require(server.requests.first)
        #expect(request.method == method.rawValue)
        #expect(request.headers["x-a"] == "1")
        #expect(request.headers["x-empty"] == "")
        #expect(request.headers["expect"] == nil)
    }

    @Test(arguments: [FetchMethod.put, .post, .delete, .head, .get])
    func aRequestWithoutBodySendsNone(_ method: FetchMethod) async throws {
        let server = try ScriptedServer { ScriptedReply(204, headers: ["X-Method: \($0.method)"], afterwards: .close) }
        let answer = try await fetcher.fetch(FetchRequest(method: method, url: server.url))
        #expect(answer.header("X-Method") == method.rawValue)
        #expect(server.requests.first?.body == [])
    }

    @Test func aConnectionIsKept() async throws {
        let server = try ScriptedServer { _ in .text(200, "x") }
        for _ in 0..<5 { _ = try await fetcher.fetch(FetchRequest(url: server.url)) }
        #expect(server.connections == 1)
        #expect(server.requests.count == 5)
    }

    @Test func manyRequestsGoSideBySideAndEachHasItsAnswer() async throws {
        let fetcher = HTTPFetcher(FetchSettings(activeLimit: 8, waitingLimit: 200))
        let server = try ScriptedServer { .text(200, $0.target) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let answer = try await fetcher.fetch(FetchRequest(url: "\(server.url)/\(number)"))
                    #expect(answer.body == Array("/\(number)".utf8))
                }
            }
            try await group.waitForAll()
        }
        #expect(server.connections <= 8)
    }

    @Test func moreThanMayWaitAreRefused() async throws {
        let fetcher = HTTPFetcher(FetchSettings(activeLimit: 1, waitingLimit: 0))
        let server = try ScriptedServer { _ in ScriptedReply(raw: [], afterwards: .hang) }
        let first = Task { try await fetcher.fetch(FetchRequest(url: server.url)) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        // One waits for its turn; whichever comes second is told at once.
        let early = await withTaskGroup(of: FetchFault?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do throws(FetchFault) { _ = try await fetcher.fetch(FetchRequest(url: server.url)) } catch {
                        return error
                    }
                    return nil
                }
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        #expect(early == .busy)
        first.cancel()
        #expect(await first.result.fetchFault == .cancelled)
    }

    @Test func aCancelledRequestEndsAndLeavesTheOthers() async throws {
        let server = try ScriptedServer {
            $0.target == "/slow" ? ScriptedReply(raw: [], afterwards: .hang) : .text(200, "x")
        }
        let slow = Task { [fetcher] in try await fetcher.fetch(FetchRequest(url: "\(server.url)/slow")) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        slow.cancel()
        #expect(await slow.result.fetchFault == .cancelled)
        #expect(try await fetcher.fetch(FetchRequest(url: server.url)).status == 200)
    }

    @Test func whoeverIsCancelledBeforehandSendsNothing() async throws {
        let server = try ScriptedServer { _ in .text(200, "x") }
        let task = Task { [fetcher] in
            while !Task.isCancelled { await Task.yield() }
            return try await fetcher.fetch(FetchRequest(url: server.url))
        }
        task.cancel()
        #expect(await task.result.fetchFault == .cancelled)
        #expect(server.requests.isEmpty)
    }
}

extension Result where Failure == any Error {
    var fetchFault: FetchFault? {
        if case .failure(let error) = self { error as? FetchFault } else { nil }
    }
}
