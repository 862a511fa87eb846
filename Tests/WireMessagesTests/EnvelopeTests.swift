import JSONWire
import Testing
import WireMessages

@Suite struct EnvelopeTests {
    private func read<T>(_ text: String, _ body: (Envelope, UnsafeRawBufferPointer) throws -> T) throws -> T {
        try Array(text.utf8).withUnsafeBytes { bytes in try body(try Envelope(bytes), bytes) }
    }

    @Test(arguments: MessageType.allCases) func everyTypeIsFound(_ type: MessageType) throws {
        try read(#"{"a":[1,{"type":"offer"}],"type":"\#(type.rawValue)"}"#) { envelope, _ in
            #expect(envelope.type == type)
        }
    }

    @Test(arguments: ["offe", "offers", "OFFER", "registry_", ""]) func otherTypesAreNone(_ type: String) throws {
        try read(#"{"type":"\#(type)"}"#) { envelope, _ in
            #expect(envelope.type == nil && envelope.typeSpan != nil)
        }
    }

    @Test(arguments: [
        ("from_peer_id", "to_peer_id"), ("sender", "target"), ("peer_id", "target_peer_id"),
    ]) func routingFieldsAreFoundUnderEachName(_ names: (sender: String, target: String)) throws {
        let text = #"{"\#(names.target)":"b","x":{"target":"z"},"\#(names.sender)":"a","request_id":"q","payload":[1]}"#
        try read(text) { envelope, bytes in
            #expect(envelope.sender.flatMap { JSONScanner.string($0, in: bytes) } == "a")
            #expect(envelope.target.flatMap { JSONScanner.string($0, in: bytes) } == "b")
            #expect(envelope.requestID.flatMap { JSONScanner.string($0, in: bytes) } == "q")
            #expect(envelope.payload?.kind == .array)
        }
    }

    @Test func onlyTheFourFieldsUnderTheirNamesAreAPlainPeerMessage() throws {
        for (text, isPlain) in [
            (#"{"type":"peer_message","from_peer_id":"a","to_peer_id":"b","payload":1}"#, true),
            (#"{"payload":1,"to_peer_id":"b","from_peer_id":"a","type":"peer_message"}"#, true),
            (#"{"type":"peer_message","from_peer_id":"a","to_peer_id":"b","payload":1,"x":1}"#, false),
            (#"{"type":"peer_message","sender":"a","to_peer_id":"b","payload":1}"#, false),
            (#"{"type":"peer_message","from_peer_id":"a","target":"b","payload":1}"#, false),
            (#"{"x":"peer_message","from_peer_id":"a","to_peer_id":"b","payload":1}"#, false),
        ] {
            try read(text) { envelope, _ in #expect(envelope.isExactlyPeerMessage == isPlain, "\(text)") }
        }
    }

    @Test(arguments: [
        "", "[]", "\"x\"", "{", "{} x", #"{"a":1,"a":2}"#, #"{"a":{"b":1,"b":2}}"#, #"{"n":01}"#, "{\"s\":\"\u{1}\"}",
    ])
    func textThatIsNoStrictObjectIsAFault(_ text: String) {
        #expect(throws: JSONFault.self) { try read(text) { _, _ in } }
    }

    @Test func deepTextIsAFault() {
        let deep = String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
        #expect(throws: JSONFault.tooDeep(limit: WireLimits.jsonDepth)) { try read(#"{"a":\#(deep)}"#) { _, _ in } }
    }
}
