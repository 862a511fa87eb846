import Testing
import WebSocketWire

struct FaultyStream: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let wire: [UInt8]
    let fault: WebSocketFault
    var role = WebSocketRole.server

    init(_ name: String, _ wire: [UInt8], _ fault: WebSocketFault, role: WebSocketRole = .server) {
        testDescription = name
        self.wire = wire
        self.fault = fault
        self.role = role
    }
}

let faultyStreams: [FaultyStream] = [
    FaultyStream("RSV1", header(0xC1, 0x80), .reservedBits),
    FaultyStream("RSV2", header(0xA1, 0x80), .reservedBits),
    FaultyStream("RSV3", header(0x91, 0x80), .reservedBits),
    FaultyStream("RSV1 on a ping", header(0xC9, 0x80), .reservedBits),
    FaultyStream("opcode 3", header(0x83, 0x80), .unknownOpcode(3)),
    FaultyStream("opcode 7", header(0x87, 0x80), .unknownOpcode(7)),
    FaultyStream("opcode 11", header(0x8B, 0x80), .unknownOpcode(11)),
    FaultyStream("opcode 15", header(0x8F, 0x80), .unknownOpcode(15)),
    FaultyStream("unmasked frame from a client", plain(.text, [0x61]), .unmaskedClientFrame),
    FaultyStream("unmasked ping from a client", plain(.ping, []), .unmaskedClientFrame),
    FaultyStream("masked frame from a server", masked(.text, "a"), .maskedServerFrame, role: .client),
    FaultyStream("ping that is not final", header(0x09, 0x80), .fragmentedControl),
    FaultyStream("close that is not final", header(0x08, 0x80), .fragmentedControl),
    FaultyStream("ping of 126 bytes", header(0x89, 0xFE, [0, 126]), .controlTooLong),
    FaultyStream("pong with a 64-bit length", header(0x8A, 0xFF, eightBytes(1)), .controlTooLong),
    FaultyStream("continuation of nothing", masked(.continuation, "a"), .unexpectedContinuation),
    FaultyStream("open continuation of nothing", masked(.continuation, "a", fin: false), .unexpectedContinuation),
    FaultyStream(
        "continuation of a whole message", masked(.text, "a") + masked(.continuation, "b"), .unexpectedContinuation),
    FaultyStream("text inside a message", masked(.text, "a", fin: false) + masked(.text, "b"), .expectedContinuation),
    FaultyStream(
        "binary inside an empty fragment's message",
        masked(.binary, "", fin: false) + masked(.binary, "", fin: false), .expectedContinuation),
    FaultyStream("16-bit 0", header(0x82, 0xFE, [0, 0]), .nonMinimalLength),
    FaultyStream("16-bit 125", header(0x82, 0xFE, [0, 125]), .nonMinimalLength),
    FaultyStream("64-bit 0", header(0x82, 0xFF, eightBytes(0)), .nonMinimalLength),
    FaultyStream("64-bit 65535", header(0x82, 0xFF, eightBytes(65535)), .nonMinimalLength),
    FaultyStream("64-bit length with its high bit", header(0x82, 0xFF, eightBytes(1 << 63)), .lengthTooLarge),
    FaultyStream("64-bit length of ones", header(0x82, 0xFF, eightBytes(.max)), .lengthTooLarge),
    FaultyStream("largest length there is", header(0x82, 0xFF, eightBytes(.max >> 1)), .messageTooBig(limit: 1 << 20)),
    FaultyStream(
        "largest length after a fragment",
        masked(.binary, [1], fin: false) + header(0x80, 0xFF, eightBytes(.max >> 1)), .messageTooBig(limit: 1 << 20)),
    FaultyStream("text that is not UTF-8", masked(.text, [0x61, 0xFF]), .invalidUTF8),
    FaultyStream("text that ends in a code point", masked(.text, [0xE2, 0x82]), .invalidUTF8),
    FaultyStream(
        "fragmented text that ends in a code point",
        masked(.text, [0xE2], fin: false) + masked(.continuation, [0x82]), .invalidUTF8),
    FaultyStream("close with half a code", masked(.close, [0x03]), .truncatedClose),
    FaultyStream("close with 1005", masked(.close, [0x03, 0xED]), .invalidCloseCode(1005)),
    FaultyStream("close with a reason that is not UTF-8", masked(.close, [0x03, 0xE8, 0xC0, 0x80]), .invalidUTF8),
    FaultyStream("close with a reason that ends in a code point", masked(.close, [0x03, 0xE8, 0xC3]), .invalidUTF8),
]

@Suite struct FrameFaultTests {
    @Test(arguments: faultyStreams)
    func streamIsRefusedByName(_ stream: FaultyStream) {
        #expect(fault(stream.wire, as: stream.role) == stream.fault)
    }

    @Test(arguments: faultyStreams)
    func streamIsRefusedAlikeByteByByte(_ stream: FaultyStream) {
        #expect(throws: stream.fault) { try hear(stream.wire.map { [$0] }, as: stream.role) }
    }

    @Test func whatCameBeforeAFaultIsHeard() throws {
        var decoder = FrameDecoder(role: .server)
        var wire = masked(.text, "good") + header(0x83, 0x80)
        try wire.withUnsafeMutableBytes { (input) throws in
            var consumed = 0
            #expect(try decoder.next(input, consumed: &consumed) == .message(kind: .text, body: .slice(6..<10)))
            #expect(throws: WebSocketFault.unknownOpcode(3)) { try decoder.next(input, consumed: &consumed) }
        }
    }

    @Test func malformedStartIsRefusedBeforeTheRestOfItsHeader() {
        #expect(fault([0x83, 0x80]) == .unknownOpcode(3))
        #expect(fault([0x09, 0x80]) == .fragmentedControl)
        #expect(fault([0x89, 0xFE]) == .controlTooLong)
    }

    @Test func wrongByteInAPartialFrameIsRefusedAtOnce() {
        #expect(fault(header(0x81, 0x80 | 100) + [0x61, 0x62, 0xFF]) == .invalidUTF8)
    }

    @Test func wrongByteInAFirstFragmentIsRefusedAtOnce() {
        #expect(fault(masked(.text, [0x61, 0xED, 0xA0], fin: false)) == .invalidUTF8)
    }

    @Test func wrongByteAfterACutCodePointIsRefusedAtOnce() throws {
        var decoder = FrameDecoder(role: .server)
        #expect(try decoder.hear(masked(.text, [0xF4], fin: false)) == [])
        #expect(throws: WebSocketFault.invalidUTF8) { try decoder.hear(masked(.continuation, [0x90], fin: false)) }
    }

    @Test func faultsHaveTheirCloseCodes() {
        #expect(WebSocketFault.messageTooBig(limit: 1).closeCode == .messageTooBig)
        #expect(WebSocketFault.invalidUTF8.closeCode == .invalidPayload)
        let others = faultyStreams.map(\.fault).filter { fault in
            if case .messageTooBig = fault { return false }
            return fault != .invalidUTF8
        }
        #expect(others.allSatisfy { $0.closeCode == .protocolError })
    }

    @Test func sentenceOfEveryFaultFitsACloseFrame() {
        for fault in faultyStreams.map(\.fault) + [.messageTooBig(limit: .max)] {
            #expect(fault.sentence.hasSuffix("."))
            #expect(fault.sentence.utf8.count <= FrameEncoder.maxCloseReason)
        }
    }
}
