import JSONWire
import Testing
import WireMessages

/// A frame that names its sender or target twice could mean one peer to us and another to its receiver.
@Suite struct AmbiguityTests {
    private func envelope(_ text: String) throws -> Envelope {
        try Array(text.utf8).withUnsafeBytes { try Envelope($0) }
    }

    @Test(arguments: [
        #"{"type":"offer","sender":"victim","from_peer_id":"a","target":"b"}"#,
        #"{"type":"offer","from_peer_id":"a","sender":"victim","target":"b"}"#,
        #"{"type":"offer","from_peer_id":"a","s\u0065nder":"victim","target":"b"}"#,
        #"{"type":"offer","peer_id":"a","sender":"victim","target":"b"}"#,
        #"{"type":"offer","sender":"a","target":"b","to_peer_id":"c"}"#,
        #"{"type":"offer","sender":"a","target_peer_id":"c","t\u0061rget":"b"}"#,
    ]) func twoNamesAreAmbiguous(_ text: String) throws {
        #expect(try envelope(text).isAmbiguous)
    }

    @Test func oneNameOfEachIsNot() throws {
        #expect(try !envelope(#"{"type":"offer","sender":"a","target":"b","x":{"sender":"c"}}"#).isAmbiguous)
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
            #expect(try envelope(text).isExactlyPeerMessage == isPlain, "\(text)")
        }
    }
}
