import Testing
import WebSocketWire

/// A request's fields; the handshake must ask for them by their registered names or in any other case.
struct Fields: Sendable {
    private var lines: [String: [String]]

    init(_ lines: [String: [String]]) {
        self.lines = lines
    }

    subscript(name: String) -> [String] {
        get { lines[name] ?? [] }
        set { lines[name] = newValue }
    }

    /// The client of RFC 6455 §1.3.
    static let request = Fields([
        "Upgrade": ["websocket"], "Connection": ["Upgrade"], "Sec-WebSocket-Version": ["13"],
        "Sec-WebSocket-Key": ["dGhlIHNhbXBsZSBub25jZQ=="], "Sec-WebSocket-Protocol": ["chat, superchat"],
    ])

    /// The server of RFC 6455 §1.3.
    static let response = Fields([
        "Upgrade": ["websocket"], "Connection": ["Upgrade"], "Sec-WebSocket-Protocol": ["chat"],
        "Sec-WebSocket-Accept": ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
    ])

    func with(_ name: String, _ lines: String...) -> Fields {
        var changed = self
        changed[name] = lines
        return changed
    }
}

struct RefusedRequest: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let fields: Fields
    let refusal: UpgradeRefusal

    init(_ name: String, _ fields: Fields, _ refusal: UpgradeRefusal) {
        testDescription = name
        self.fields = fields
        self.refusal = refusal
    }
}

private let refusedRequests = [
    RefusedRequest("no Upgrade", .request.with("Upgrade"), .notWebSocket),
    RefusedRequest("other Upgrade", .request.with("Upgrade", "h2c"), .notWebSocket),
    RefusedRequest("Kelvin sign in Upgrade", .request.with("Upgrade", "websoc\u{212A}et"), .notWebSocket),
    RefusedRequest("no Connection", .request.with("Connection"), .connectionNotUpgrade),
    RefusedRequest("other Connection", .request.with("Connection", "keep-alive, upgraded"), .connectionNotUpgrade),
    RefusedRequest("no version", .request.with("Sec-WebSocket-Version"), .unsupportedVersion),
    RefusedRequest("version 8", .request.with("Sec-WebSocket-Version", "8"), .unsupportedVersion),
    RefusedRequest("version 013", .request.with("Sec-WebSocket-Version", "013"), .unsupportedVersion),
    RefusedRequest("two versions", .request.with("Sec-WebSocket-Version", "13", "13"), .unsupportedVersion),
    RefusedRequest("no key", .request.with("Sec-WebSocket-Key"), .missingKey),
    RefusedRequest("empty key", .request.with("Sec-WebSocket-Key", ""), .invalidKey),
    RefusedRequest("key of 15 bytes", .request.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j"), .invalidKey),
    RefusedRequest("key of 17 bytes", .request.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZWE="), .invalidKey),
    RefusedRequest("key without padding", .request.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ"), .invalidKey),
    RefusedRequest("key with a space", .request.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZ Bub25jZQ=="), .invalidKey),
    RefusedRequest(
        "key in the alphabet for addresses", .request.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZS_-b25jZQ=="), .invalidKey
    ),
    RefusedRequest(
        "two keys", .request.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="),
        .repeatedKey),
    RefusedRequest(
        "subprotocol with a space", .request.with("Sec-WebSocket-Protocol", "chat room"), .invalidSubprotocol),
    RefusedRequest("subprotocol twice", .request.with("Sec-WebSocket-Protocol", "chat", "chat"), .repeatedSubprotocol),
    RefusedRequest(
        "many subprotocols",
        .request.with("Sec-WebSocket-Protocol", (0..<33).map(String.init).joined(separator: ",")),
        .tooManyOffers(limit: 32)),
]

@Suite struct HandshakeServerTests {
    private func accept(
        _ fields: Fields, method: String = "GET", httpVersion: (major: Int, minor: Int) = (1, 1)
    ) throws(UpgradeRefusal) -> UpgradeRequest {
        try WebSocketHandshake.accept(method: method, httpVersion: httpVersion) { fields[$0] }
    }

    @Test func exampleOfTheStandardIsAccepted() throws {
        let request = try accept(.request)
        #expect(request.acceptValue == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(request.subprotocols == ["chat", "superchat"])
        #expect(request.extensions == [])
    }

    @Test func offersOverSeveralLinesAreJoined() throws {
        let fields = Fields.request.with("Sec-WebSocket-Protocol", "a ,, b", "\tc")
            .with("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits", "x-other")
        let request = try accept(fields)
        #expect(request.subprotocols == ["a", "b", "c"])
        #expect(request.extensions == ["permessage-deflate; client_max_window_bits", "x-other"])
    }

    @Test func tokensAreFoundInAnyCaseAndPlace() throws {
        let fields = Fields.request.with("Upgrade", "h2c, WebSocket").with("Connection", "keep-alive", "foo,  UPGRADE ")
        #expect(throws: Never.self) { try accept(fields) }
    }

    @Test(arguments: refusedRequests)
    func requestIsRefusedByName(_ request: RefusedRequest) {
        #expect(throws: request.refusal) { try accept(request.fields) }
    }

    @Test func onlyGetOpens() {
        #expect(throws: UpgradeRefusal.notGet) { try accept(.request, method: "POST") }
        #expect(throws: UpgradeRefusal.notGet) { try accept(.request, method: "get") }
    }

    @Test func oldHTTPDoesNotOpen() {
        #expect(throws: UpgradeRefusal.httpTooOld) { try accept(.request, httpVersion: (1, 0)) }
        #expect(throws: UpgradeRefusal.httpTooOld) { try accept(.request, httpVersion: (0, 9)) }
    }

    @Test func manyExtensionLinesAreRefused() {
        #expect(throws: UpgradeRefusal.tooManyOffers(limit: 1)) {
            try WebSocketHandshake.accept(method: "GET", httpVersion: (1, 1), maxOffers: 1) { name in
                name == "Sec-WebSocket-Extensions"
                    ? ["a", "b"] : name == "Sec-WebSocket-Protocol" ? [] : Fields.request[name]
            }
        }
    }

    @Test func unsupportedVersionNamesOurs() {
        let refusal = UpgradeRefusal.unsupportedVersion
        #expect(refusal.status == 426)
        #expect(refusal.fields.contains { $0 == ("Sec-WebSocket-Version", "13") })
        #expect(refusal.fields.contains { $0 == ("Upgrade", "websocket") })
    }

    @Test func refusalsHaveTheirStatus() {
        #expect(UpgradeRefusal.notGet.status == 405)
        #expect(UpgradeRefusal.notGet.fields.contains { $0 == ("Allow", "GET") })
        #expect(UpgradeRefusal.notWebSocket.status == 426)
        #expect(UpgradeRefusal.invalidKey.status == 400)
        #expect((refusedRequests.map(\.refusal) + [.notGet, .httpTooOld]).allSatisfy { $0.sentence.hasSuffix(".") })
    }

    @Test func responseSaysWhatWasAgreed() throws {
        let fields = try accept(.request).responseFields(subprotocol: "chat")
        #expect(
            fields.map { "\($0.name): \($0.value)" } == [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Sec-WebSocket-Protocol: chat",
            ])
        #expect(try accept(.request).responseFields().count == 3)
    }
}
