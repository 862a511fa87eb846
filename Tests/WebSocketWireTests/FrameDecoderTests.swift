import Testing
import WebSocketWire

/// A valid sequence of frames by name, what it says, and to whom.
struct Sequence: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let role: WebSocketRole
    let wire: [UInt8]
    let heard: @Sendable () -> [Heard]

    init(
        _ name: String, _ role: WebSocketRole, _ wire: [UInt8], _ heard: @autoclosure @escaping @Sendable () -> [Heard]
    ) {
        testDescription = name
        self.role = role
        self.wire = wire
        self.heard = heard
    }
}

/// The examples of RFC 6455 §5.7, byte for byte.
let rfcExamples: [Sequence] = [
    Sequence("unmasked text", .client, [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], [.text("Hello")]),
    Sequence(
        "masked text", .server, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], [.text("Hello")]),
    Sequence(
        "fragmented unmasked text", .client, [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], [.text("Hello")]),
    Sequence("unmasked ping", .client, [0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], [.ping(Array("Hello".utf8))]),
    Sequence(
        "masked pong", .server, [0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58],
        [.pong(Array("Hello".utf8))]),
    Sequence(
        "256 bytes", .client, [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256),
        [.binary([UInt8](repeating: 7, count: 256))]),
]

let otherSequences: [Sequence] = [
    Sequence("empty text", .server, masked(.text, ""), [.text("")]),
    Sequence("empty binary", .client, plain(.binary, []), [.binary([])]),
    Sequence("a key of zeros", .server, masked(.text, Array("as is".utf8), key: 0), [.text("as is")]),
    Sequence(
        "several messages", .server, masked(.text, "one") + masked(.binary, [2]) + masked(.text, "three"),
        [.text("one"), .binary([2]), .text("three")]),
    Sequence(
        "empty fragments", .server,
        masked(.text, "", fin: false) + masked(.continuation, "", fin: false) + masked(.continuation, ""),
        [.text("")]),
    Sequence(
        "control frames inside a fragmented message", .server,
        masked(.binary, [1, 2, 3], fin: false) + masked(.ping, "a") + masked(.continuation, [4], fin: false)
            + masked(.pong, "") + masked(.ping, "b") + masked(.continuation, [5, 6]) + masked(.text, "next"),
        [.ping([0x61]), .pong([]), .ping([0x62]), .binary([1, 2, 3, 4, 5, 6]), .text("next")]),
    Sequence(
        "code points cut by fragments", .server,
        masked(.text, [0xCE], fin: false) + masked(.continuation, [0xBA, 0xF0, 0x9F], fin: false)
            + masked(.continuation, [0x8E, 0x88]),
        [.text("κ🎈")]),
    Sequence(
        "text of every width", .server, masked(.text, "aé€😀 plain again, and then ü"),
        [.text("aé€😀 plain again, and then ü")]),
    Sequence(
        "longest ping", .server, masked(.ping, [UInt8](repeating: 9, count: 125)),
        [.ping([UInt8](repeating: 9, count: 125))]),
    Sequence("close without a code", .server, masked(.close, []), [.close(nil, reason: "")]),
    Sequence("close with a code", .client, plain(.close, [0x03, 0xE8]), [.close(.normalClosure, reason: "")]),
    Sequence(
        "close with a reason", .server, masked(.close, [0x03, 0xE9] + Array("zürück".utf8)),
        [.close(.goingAway, reason: "zürück")]),
    Sequence(
        "close inside a fragmented message", .server,
        masked(.text, "half", fin: false) + masked(.close, [0x0B, 0xB8]),
        [.close(CloseCode(rawValue: 3000), reason: "")]),
]

@Suite struct FrameDecoderTests {
    @Test(arguments: rfcExamples + otherSequences)
    func sequenceIsHeardWhole(_ sequence: Sequence) throws {
        #expect(try hear([sequence.wire], as: sequence.role) == sequence.heard())
    }

    @Test(arguments: rfcExamples + otherSequences)
    func sequenceIsHeardAlikeHoweverItIsCutInTwo(_ sequence: Sequence) throws {
        let expected = sequence.heard()
        for cut in 0...sequence.wire.count {
            let reads = [sequence.wire[..<cut], sequence.wire[cut...]]
            #expect(try hear(reads, as: sequence.role) == expected, "cut at \(cut)")
        }
    }

    @Test(arguments: rfcExamples + otherSequences)
    func sequenceIsHeardAlikeByteByByte(_ sequence: Sequence) throws {
        #expect(try hear(sequence.wire.map { [$0] }, as: sequence.role) == sequence.heard())
    }

    @Test func nothingIsHeardInNothing() throws {
        #expect(try hear([[UInt8]()]) == [])
        var decoder = FrameDecoder(role: .server)
        var consumed = 0
        let absent = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        #expect(try decoder.next(absent, consumed: &consumed) == nil)
    }

    @Test func wholeMessageStaysInTheInput() throws {
        var decoder = FrameDecoder(role: .server)
        let events = try decoder.events(masked(.text, "one") + masked(.binary, [1, 2]))
        #expect(
            events == [
                .message(kind: .text, body: .slice(6..<9)), .message(kind: .binary, body: .slice(15..<17)),
            ])
    }

    @Test func wholeMessageAfterACutHeaderStaysInTheInput() throws {
        var decoder = FrameDecoder(role: .server)
        let wire = masked(.text, "one")
        #expect(try decoder.events(wire[..<3]) == [])
        #expect(try decoder.events(wire[3...]) == [.message(kind: .text, body: .slice(3..<6))])
    }

    @Test func messageInPiecesIsAssembled() throws {
        var decoder = FrameDecoder(role: .server)
        let wire = masked(.text, "one")
        #expect(try decoder.events(wire[..<7]) == [])
        #expect(try decoder.events(wire[7...]) == [.message(kind: .text, body: .assembled(Array("one".utf8)))])
    }

    @Test func readingBeginsWhereTheCallerSays() throws {
        var decoder = FrameDecoder(role: .client)
        var bytes: [UInt8] = [0xFF, 0xFF] + plain(.text, Array("hi".utf8)) + [0x81]
        try bytes.withUnsafeMutableBytes { (input) throws in
            var consumed = 2
            #expect(try decoder.next(input, consumed: &consumed) == .message(kind: .text, body: .slice(4..<6)))
            #expect(consumed == 6)
            #expect(try decoder.next(input, consumed: &consumed) == nil)
            #expect(consumed == 7)
        }
    }

    @Test func nothingIsHeardAfterAClose() throws {
        let close = masked(.close, [0x03, 0xE8])
        #expect(try hear([close + masked(.text, "late"), [0xFF, 0xFF, 0xFF]]) == [.close(.normalClosure, reason: "")])
    }

    @Test func nothingIsHeardAfterAFault() throws {
        var decoder = FrameDecoder(role: .server)
        #expect(throws: WebSocketFault.unknownOpcode(3)) { try decoder.hear(header(0x83, 0x80)) }
        #expect(try decoder.hear(masked(.text, "late")) == [])
    }

    @Test func faultSwallowsTheInput() {
        var decoder = FrameDecoder(role: .server)
        var bytes = header(0x83, 0x80) + masked(.text, "late")
        var consumed = 0
        _ = bytes.withUnsafeMutableBytes { input in
            #expect(throws: WebSocketFault.self) { try decoder.next(input, consumed: &consumed) }
        }
        #expect(consumed == bytes.count)
    }

    @Test func idleDecoderIsSmall() {
        #expect(MemoryLayout<FrameDecoder>.stride <= 96)
    }
}
