@testable import HTTPServing
import EventLoops
import HTTPWire
import Testing

@Suite struct RouterTests {
    private func router() -> Router {
        var router = Router()
        for pattern in [
            "/", "/rooms", "/rooms/mine", "/rooms/:room/models/:id", "/rooms/mine/all", "/files/*rest", "/files/exact",
            "/:any/tail",
        ] {
            router.on(.get, pattern) { request in
                let parameters = request.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                return .text(([pattern] + parameters).joined(separator: " "))
            }
        }
        router.on(.post, "/rooms/:room") { _ in .text("post") }
        return router
    }

    private func answer(_ method: HTTPMethod, _ target: String) async throws -> String {
        let head = try HTTPRequestHead(method: method, target: target)
        let response: Response
        switch router().verdict(on: head) {
        case .answer(let refusal): response = refusal
        case .receive: return "streamed"
        case .handle(let handler, let parameters):
            let peer = try SocketAddress("127.0.0.1:1")
            response = try await handler(Request(head: head, parameters: parameters, peer: peer))
        }
        guard response.status == .ok, case .bytes(let bytes) = response.body else {
            return "\(response.status.code) \(response.fields.first("allow") ?? "")"
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("/", "/"), ("/rooms", "/rooms"), ("/rooms?x=1", "/rooms"), ("/rooms/mine", "/rooms/mine"),
        ("/rooms/a%20b/models/m", "/rooms/:room/models/:id id=m room=a b"),
        ("/rooms/mine/models/m", "/rooms/:room/models/:id id=m room=mine"),
        ("/files/a/b%41/c", "/files/*rest rest=a/bA/c"), ("/files/", "/files/*rest rest="),
        ("/files/exact", "/files/exact"), ("/files/exact/more", "/files/*rest rest=exact/more"),
        ("/files/tail", "/files/*rest rest=tail"), ("/rooms/tail", "/:any/tail any=rooms"),
        ("/rooms/x", "405 OPTIONS, POST"),
        ("/other/tail", "/:any/tail any=other"), ("/rooms/", "404 "), ("/rooms//models/m", "404 "), ("/files", "404 "),
        ("/room\u{73}/mine/", "404 "), ("/%E2%84%AAooms", "404 "),
    ]) func pathFindsItsPattern(_ target: String, _ expected: String) async throws {
        #expect(try await answer(.get, target) == expected)
    }

    @Test func patternThatKnowsTheMethodIsFoundBehindOneThatDoesNot() async throws {
        #expect(try await answer(.post, "/rooms/mine") == "post")
        #expect(try await answer(.delete, "/rooms/mine") == "405 GET, HEAD, OPTIONS, POST")
    }

    @Test func optionsTellsTheMethods() async throws {
        #expect(try await answer(.options, "/rooms/mine") == "204 GET, HEAD, OPTIONS, POST")
        #expect(try await answer(.options, "/nowhere") == "404 ")
        #expect(try await answer(.options, "*") == "204 GET, HEAD, OPTIONS")
    }

    @Test func segmentsAreComparedAsBytes() throws {
        var router = Router()
        router.on(.get, "/K") { _ in .empty(.ok) }
        guard case .answer(let response) = router.verdict(on: try HTTPRequestHead(method: .get, target: "/%E2%84%AA"))
        else {
            Issue.record("A Kelvin sign is no K.")
            return
        }
        #expect(response.status == .notFound)
    }
}
