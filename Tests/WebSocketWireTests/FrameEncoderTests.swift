import Testing
import WebSocketWire

@Suite struct FrameEncoderTests {
    @Test func examplesOfTheStandardAreWritten() {
        let hello = Array("Hello".utf8)
        #expect(plain(.text, hello) == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
        #expect(masked(.text, hello) == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
        #expect(plain(.text, Array("Hel".utf8), fin: false) == [0x01, 0x03, 0x48, 0x65, 0x6c])
        #expect(plain(.continuation, Array("lo".utf8)) == [0x80, 0x02, 0x6c, 0x6f])
        #expect(plain(.ping, hello) == [0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
        #expect(Array(plain(.binary, [UInt8](repeating: 0, count: 256)).prefix(4)) == [0x82, 0x7E, 0x01, 0x00])
        #expect(
            Array(plain(.binary, [UInt8](repeating: 0, count: 65536)).prefix(10))
                == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test(arguments: [(0, 2), (1, 2), (125, 2), (126, 4), (127, 4), (65535, 4), (65536, 10), (Int.max, 10)])
    func headerTakesTheFewestBytes(length: Int, size: Int) throws {
        #expect(FrameEncoder.headerSize(forLength: length, masked: false) == size)
        #expect(FrameEncoder.headerSize(forLength: length, masked: true) == size + 4)
        for key in [nil, exampleKey] {
            var bytes: [UInt8] = []
            FrameEncoder.appendHeader(.binary, length: length, maskKey: key, to: &bytes)
            let parsed = try bytes.withUnsafeBytes { try FrameHeader.parse($0) }
            #expect(parsed == FrameHeader(opcode: .binary, payloadLength: length, maskKey: key))
            #expect(parsed?.encodedSize == bytes.count)
        }
    }

    @Test func headerIsWrittenInPlace() {
        var bytes = [UInt8](repeating: 0xEE, count: 20)
        let size = bytes.withUnsafeMutableBytes {
            FrameEncoder.writeHeader(
                into: $0, opcode: .text, length: 300, fin: false, reserved: .rsv1, maskKey: exampleKey)
        }
        #expect(size == 8)
        #expect(Array(bytes.prefix(9)) == [0x41, 0xFE, 0x01, 0x2C, 0x37, 0xfa, 0x21, 0x3d, 0xEE])
    }

    @Test func framesAreAppended() {
        var bytes: [UInt8] = [1, 2, 3]
        FrameEncoder.appendFrame(.text, payload: Array("Hello".utf8), maskKey: exampleKey, to: &bytes)
        #expect(bytes == [1, 2, 3] + masked(.text, "Hello"))
    }

    @Test func incompleteHeaderIsNoHeader() throws {
        let wire = header(0x82, 0xFF, eightBytes(70000))
        for count in 0..<wire.count {
            #expect(try Array(wire[..<count]).withUnsafeBytes { try FrameHeader.parse($0) } == nil)
        }
    }

    @Test func closeFrameSaysCodeAndReason() throws {
        #expect(FrameEncoder.close(.goingAway, reason: "bye") == [0x88, 0x05, 0x03, 0xE9, 0x62, 0x79, 0x65])
        let masked = FrameEncoder.close(CloseFrame(.policyViolation, reason: "no"), maskKey: exampleKey)
        #expect(try hear([masked]) == [.close(.policyViolation, reason: "no")])
    }

    @Test func closeFrameWithoutACodeIsEmpty() {
        #expect(FrameEncoder.close(nil, reason: "unsaid") == [0x88, 0x00])
    }

    @Test func longReasonIsCutBetweenScalars() throws {
        for (filler, kept) in [(119, 123), (120, 120), (121, 121), (122, 122), (123, 123)] {
            let reason = String(repeating: "a", count: filler) + "😀😀"
            let heard = try hear([FrameEncoder.close(.normalClosure, reason: reason)], as: .client)
            #expect(
                heard == [.close(.normalClosure, reason: String(decoding: reason.utf8.prefix(kept), as: UTF8.self))])
        }
    }

    @Test func reasonThatJustFitsIsWhole() throws {
        let reason = String(repeating: "a", count: 119) + "😀"
        let heard = try hear([FrameEncoder.close(.normalClosure, reason: reason)], as: .client)
        #expect(heard == [.close(.normalClosure, reason: reason)])
    }
}
