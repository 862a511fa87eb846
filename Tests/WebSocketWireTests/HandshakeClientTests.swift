import Testing
import WebSocketWire

@Suite struct HandshakeClientTests {
    private let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private func confirm(
        _ fields: Fields, status: Int = 101, subprotocols: [String] = ["chat", "superchat"], extensions: [String] = []
    ) throws(UpgradeFailure) -> UpgradeAgreement {
        try WebSocketHandshake.confirm(status: status, key: key, subprotocols: subprotocols, extensions: extensions) {
            fields[$0]
        }
    }

    @Test func acceptValueOfTheStandardIsComputed() {
        #expect(WebSocketHandshake.acceptValue(forKey: key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func exampleOfTheStandardIsConfirmed() throws {
        let agreement = try confirm(.response)
        #expect(agreement.subprotocol == "chat")
        #expect(agreement.extensions == [])
    }

    @Test func responseMayChooseNoSubprotocol() throws {
        #expect(try confirm(.response.with("Sec-WebSocket-Protocol")).subprotocol == nil)
    }

    @Test func offeredExtensionIsAgreed() throws {
        let fields = Fields.response.with("Sec-WebSocket-Extensions", "permessage-deflate ; server_no_context_takeover")
        let agreement = try confirm(fields, extensions: ["permessage-deflate"])
        #expect(agreement.extensions == ["permessage-deflate ; server_no_context_takeover"])
    }

    @Test func failuresHaveTheirNames() {
        func fails(_ fields: Fields, _ failure: UpgradeFailure, status: Int = 101) {
            #expect(throws: failure) { try confirm(fields, status: status) }
            #expect(failure.sentence.hasSuffix("."))
        }
        fails(.response, .notSwitching(status: 200), status: 200)
        fails(.response.with("Upgrade"), .notWebSocket)
        fails(.response.with("Connection", "close"), .connectionNotUpgrade)
        fails(.response.with("Sec-WebSocket-Accept"), .wrongAccept)
        fails(.response.with("Sec-WebSocket-Accept", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="), .wrongAccept)
        fails(
            .response.with("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            .wrongAccept)
        fails(.response.with("Sec-WebSocket-Protocol", "other"), .unofferedSubprotocol)
        fails(.response.with("Sec-WebSocket-Protocol", "chat", "superchat"), .unofferedSubprotocol)
        fails(.response.with("Sec-WebSocket-Extensions", "permessage-deflate"), .unofferedExtension)
    }

    @Test func keyIsSixteenFreshBytesThatAServerTakes() throws {
        var generator = SeededGenerator(seed: 13)
        let keys = (0..<50).map { _ in WebSocketHandshake.makeKey(using: &generator) }
        #expect(Set(keys).count == keys.count)
        for key in keys {
            let fields = Fields.request.with("Sec-WebSocket-Key", key)
            let request = try WebSocketHandshake.accept(method: "GET", httpVersion: (1, 1)) { fields[$0] }
            #expect(request.acceptValue == WebSocketHandshake.acceptValue(forKey: key))
        }
    }

    @Test func requestAndResponseOfOursAgree() throws {
        let sent = Dictionary(
            WebSocketHandshake.requestFields(key: key, subprotocols: ["a", "b"]).map { ($0.name, [$0.value]) },
            uniquingKeysWith: +)
        let request = try WebSocketHandshake.accept(method: "GET", httpVersion: (1, 1)) { sent[$0] ?? [] }
        let answered = Dictionary(
            request.responseFields(subprotocol: "b").map { ($0.name, [$0.value]) }, uniquingKeysWith: +)
        let agreement = try confirm(Fields(answered), subprotocols: ["a", "b"])
        #expect(agreement.subprotocol == "b")
    }
}
