import Testing

@testable import HTTPWire

@Suite struct RequestHeadTests {
    @Test func aHeadCanBeMadeByHand() throws {
        let head = try HTTPRequestHead(method: .get, target: "/rooms/a%20b?x=1&x=2", fields: ["Accept": "text/html"])
        #expect(head.path == ["rooms", "a b"])
        #expect(head.query.first("x") == "1")
        #expect(head.query.all("x") == ["1", "2"])
        #expect(head.query.first("y") == nil)
        #expect(head.keepAlive)
        #expect(head.body == .none)
        #expect(head.authority == nil)
    }

    @Test func aHeadMadeByHandIsCheckedToo() {
        #expect(throws: HTTPFault.pathRefused) { try HTTPRequestHead(method: .get, target: "/..") }
        #expect(throws: HTTPFault.conflictingFraming) {
            try HTTPRequestHead(
                method: .post, target: "/", fields: ["Content-Length": "1", "Transfer-Encoding": "chunked"])
        }
        #expect(throws: HTTPFault.targetFormRefused) { try HTTPRequestHead(method: .get, target: "") }
    }

    @Test func anUpgradeNeedsItsConnectionOptionAndNoBody() throws {
        func isUpgrade(_ fields: HTTPFields, _ version: HTTPVersion = .http11) throws -> Bool {
            try HTTPRequestHead(method: .get, target: "/", version: version, fields: fields).isUpgrade(to: "websocket")
        }
        #expect(try isUpgrade(["Upgrade": "WebSocket", "Connection": "upgrade"]))
        #expect(try isUpgrade(["Upgrade": "websocket", "Connection": "Upgrade", "Content-Length": "0"]))
        #expect(try !isUpgrade(["Upgrade": "websocket"]))
        #expect(try !isUpgrade(["Upgrade": "h2c", "Connection": "upgrade"]))
        #expect(try !isUpgrade(["Upgrade": "websocket", "Connection": "upgrade", "Content-Length": "1"]))
        #expect(try !isUpgrade(["Upgrade": "websocket", "Connection": "upgrade", "Transfer-Encoding": "chunked"]))
        #expect(try !isUpgrade(["Upgrade": "websocket", "Connection": "upgrade"], .http10))
    }

    @Test func onlyHTTP11WaitsForContinue() throws {
        func expects(_ fields: HTTPFields, _ version: HTTPVersion) throws -> Bool {
            try HTTPRequestHead(method: .put, target: "/", version: version, fields: fields).expectsContinue
        }
        let fields: HTTPFields = ["Expect": "100-continue", "Content-Length": "1"]
        #expect(try expects(fields, .http11))
        #expect(try !expects(fields, .http10))
        #expect(try !expects(["Content-Length": "1"], .http11))
    }

    @Test func methodsAreTokens() {
        #expect(HTTPMethod("PURGE")?.name == "PURGE")
        #expect(HTTPMethod("GET") == .get)
        #expect(HTTPMethod("get") != .get)
        #expect(HTTPMethod("") == nil)
        #expect(HTTPMethod("A B") == nil)
        #expect(HTTPMethod("A\r\nB") == nil)
    }

    @Test func everyFaultHasAStatusOfItsKindAndASentence() {
        let codes = Set(HTTPFault.allCases.map(\.status.code))
        #expect(codes == [400, 411, 413, 414, 417, 431, 501, 502, 505])
        #expect(HTTPFault.allCases.allSatisfy { $0.sentence.hasSuffix(".") })
        #expect(Set(HTTPFault.allCases.map(\.sentence)).count == HTTPFault.allCases.count)
    }

    @Test func statusesKnowTheirReasons() {
        #expect(HTTPStatus.switchingProtocols.description == "101 Switching Protocols")
        #expect(HTTPStatus(code: 299)?.description == "299")
        #expect(HTTPStatus(code: 99) == nil)
        #expect(HTTPStatus(code: 600) == nil)
    }
}
