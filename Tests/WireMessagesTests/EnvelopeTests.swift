import JSONWire
import Testing
import WireMessages

@Suite struct EnvelopeTests {
    private func scan<T>(_ text: String, _ read: (Envelope, UnsafeRawBufferPointer) -> T) throws -> T {
        try Array(text.utf8).withUnsafeBytes { bytes in read(try Envelope(bytes), bytes) }
    }

    private func text(_ span: KeyPath<Envelope, JSONSpan?>, of json: String) throws -> String? {
        try scan(json) { envelope, bytes in
            envelope[keyPath: span].map { JSONScanner.decodeString($0, in: bytes) }
        }
    }

    @Test(arguments: MessageType.allCases)
    func everyTypeIsFound(_ type: MessageType) throws {
        #expect(try scan(#"{"x":1,"type":"\#(type.rawValue)"}"#) { envelope, _ in envelope.type } == type)
    }

    @Test(arguments: ["", "x", "registry_publisH", "registry_publish ", String(repeating: "a", count: 400)])
    func otherTypesHaveNoMeaning(_ type: String) throws {
        #expect(try scan(#"{"type":"\#(type)"}"#) { envelope, _ in envelope.type } == nil)
    }

    @Test(arguments: ["sender", "from_peer_id", "peer_id", "from_peer\\u005fid", "\\u0073ender", "peer\\u005fid"])
    func sendersAreFoundUnderEveryNameEvenEscaped(_ key: String) throws {
        #expect(try text(\.sender, of: #"{"type":"offer","\#(key)":"a\"b"}"#) == "a\"b")
    }

    @Test(arguments: ["target", "to_peer_id", "target_peer_id", "t\\u0061rget"])
    func targetsAreFoundUnderEveryNameEvenEscaped(_ key: String) throws {
        #expect(try text(\.target, of: #"{"\#(key)":"w-1","type":"offer"}"#) == "w-1")
    }

    @Test func aPeerIDIsTheSenderOnlyWithoutABetterName() throws {
        #expect(try text(\.sender, of: #"{"from_peer_id":"a","peer_id":"b"}"#) == "a")
        #expect(try text(\.sender, of: #"{"peer_id":"b","from_peer_id":"a"}"#) == "a")
    }

    @Test func nestedNamesAreNotRouting() throws {
        let json = #"{"payload":{"target":"x","type":"register","request_id":"r"},"type":"peer_message"}"#
        #expect(try text(\.target, of: json) == nil)
        #expect(try text(\.requestID, of: json) == nil)
        #expect(try text(\.payload, of: json)?.hasPrefix(#"{"target""#) == true)
        #expect(try scan(json) { envelope, _ in envelope.type } == .peerMessage)
    }

    @Test(arguments: [
        "", "[]", "1", "{", #"{"type":"offer"} x"#, #"{"type":"a","type":"b"}"#, #"{"type":"a","typ\u0065":"b"}"#,
        "{\"a\":\"\n\"}", #"{"a":01}"#, #"{"a":"\x"}"#, #"{a:1}"#,
    ])
    func textsThatAreNoObjectAreFaults(_ text: String) {
        #expect(throws: JSONFault.self) { try scan(text) { _, _ in } }
    }

    @Test func nestingHasALimit() {
        let deep = String(repeating: "[", count: 80) + String(repeating: "]", count: 80)
        #expect(throws: JSONFault.self) { try scan("{\"a\":\(deep)}") { _, _ in } }
    }
}
