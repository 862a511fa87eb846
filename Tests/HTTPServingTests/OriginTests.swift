import HTTPServing
import HTTPWire
import JSONWire
import Testing

extension ServingTests {
    /// What pages of other origins may do, over a real socket.
    @Suite struct OriginTests {
        private func server(_ names: [String]) throws -> ServerUnderTest {
            var router = Router()
            router.on(.get, "/things") { _ in .text("things") }
            router.on(.post, "/things") { _ in .text("made") }
            router.on(.get, "/stream") { _ in Response(.ok, body: .stream { try await $0.write("a") }) }
            return try ServerUnderTest(
                router: router, origins: AllowedOrigins(names, ownAddress: { "https://rooms.example/lab" })
            ) { _ in .refuse(.error(.forbidden, "No.")) }
        }

        private func ask(
            _ names: [String], _ method: String, _ path: String, _ fields: String...
        ) async throws -> Reply {
            let under = try server(names)
            let peer = under.peer()
            let lines = ["\(method) \(path) HTTP/1.1", "Host: here:8080"] + fields
            await peer.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
            let reply = await peer.reply(hasBody: method != "OPTIONS")
            await under.stop()
            return reply
        }

        private let lab = "https://lab.example"

        @Test(arguments: ["/things", "/stream", "/nowhere"])
        func aListedPageMayReadEveryAnswer(path: String) async throws {
            let reply = try await ask([lab], "GET", path, "Origin: \(lab)")
            #expect(reply.field("access-control-allow-origin") == lab)
            #expect(reply.field("vary") == "Origin")
            #expect(reply.field("access-control-allow-credentials") == nil)
        }

        @Test(arguments: [
            "https://evil.example", "http://lab.example", "https://lab.example:444", "https://lab.example.evil",
            "null", "https://rooms.example.evil", "here:8080", "ftp://here:8080",
        ])
        func aPageThatIsNotListedMayNot(origin: String) async throws {
            let reply = try await ask([lab], "GET", "/things", "Origin: \(origin)")
            #expect(reply.status == 200 && reply.field("access-control-allow-origin") == nil)
            #expect(reply.field("vary") == "Origin")
            let preflight = try await ask(
                [lab], "OPTIONS", "/things", "Origin: \(origin)", "Access-Control-Request-Method: POST")
            #expect(preflight.field("access-control-allow-methods") == nil)
        }

        @Test(arguments: ["http://here:8080", "https://here:8080", "https://rooms.example", "HTTPS://Rooms.Example"])
        func pagesOfTheServersOwnAddressAlwaysMay(origin: String) async throws {
            #expect(
                try await ask([], "GET", "/things", "Origin: \(origin)").field("access-control-allow-origin") == origin)
        }

        @Test func aPreflightIsToldMethodsAndTheAuthorizationField() async throws {
            let reply = try await ask(
                [lab], "OPTIONS", "/things", "Origin: \(lab)", "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,content-type")
            #expect(reply.status == 204)
            #expect(reply.field("access-control-allow-origin") == lab)
            #expect(reply.field("access-control-allow-methods") == "GET, HEAD, OPTIONS, POST")
            #expect(reply.field("access-control-allow-headers") == "Authorization, Content-Type, Last-Event-ID")
            #expect(reply.field("access-control-max-age") == "600")
        }

        @Test func everyoneMayWhereAStarIsSetAndNeverWithCredentials() async throws {
            let reply = try await ask(["*"], "GET", "/things", "Origin: https://any.example")
            #expect(reply.field("access-control-allow-origin") == "*")
            #expect(reply.field("access-control-allow-credentials") == nil)
        }

        @Test func otherProgramsAreToldNothing() async throws {
            let reply = try await ask([], "GET", "/things")
            #expect(reply.field("access-control-allow-origin") == nil && reply.field("vary") == nil)
        }

        @Test func webSocketsAreForOtherProgramsAndListedPages() throws {
            let origins = AllowedOrigins([lab])
            func welcomes(_ lines: String...) throws -> Bool {
                var fields: HTTPFields = ["Host": "here:8080"]
                for line in lines { fields.append("Origin", line) }
                return origins.welcomes(try HTTPRequestHead(method: .get, target: "/", fields: fields))
            }
            #expect(try welcomes())
            #expect(try welcomes(lab))
            #expect(try welcomes("http://here:8080"))
            #expect(try !welcomes("https://evil.example"))
            #expect(try !welcomes("null"))
            #expect(try !welcomes(lab, lab))
        }
    }

    /// Every refusal has one shape, whichever part of the server refuses.
    @Suite struct RefusalShapeTests {
        @Test(arguments: [
            ("GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n", 404), ("PUT /things HTTP/1.1\r\nHost: h\r\n\r\n", 405),
            ("POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n", 413),
            ("POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n{", 400),
            ("POST /things HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]", 400),
            ("POST /broken HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 500),
            ("GET / HTTP/1.1\r\n\r\n", 400), ("nonsense\r\n\r\n", 400),
            ("GET /../x HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
            ("GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: h\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 426),
            ("POST / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\nx", 400),
        ])
        func aRefusalSaysWhyUnderBothNames(request: String, status: Int) async throws {
            var router = Router()
            router.on(.post, "/things") { request in
                _ = try request.json()
                return .text("made")
            }
            router.on(.post, "/broken") { _ in throw CancellationError() }
            let under = try ServerUnderTest(router: router) { _ in .refuse(.error(.forbidden, "No.")) }
            let peer = under.peer()
            await peer.send(request)
            let reply = await peer.reply()
            #expect(reply.status == status)
            #expect(reply.field("content-type") == "application/json")
            let body = try JSONValue.parse(Array(reply.body.utf8), maxDepth: 4).objectValue
            let sentence = body?["detail"]?.stringValue
            #expect(sentence?.isEmpty == false)
            #expect(body?["error"]?.stringValue == sentence)
            await under.stop()
        }
    }
}
