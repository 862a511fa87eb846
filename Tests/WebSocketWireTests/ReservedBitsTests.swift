import Testing
import WebSocketWire

@Suite struct ReservedBitsTests {
    @Test func allowedBitIsCarriedWithItsMessage() throws {
        var decoder = FrameDecoder(role: .server, allowedReserved: .rsv1)
        let compressed: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]  // "Hello", RFC 7692 §7.2.3.1
        #expect(
            try decoder.events(masked(.text, compressed, reserved: .rsv1))
                == [.message(kind: .text, body: .slice(6..<13))])
        #expect(decoder.messageReserved == .rsv1)
        #expect(try decoder.hear(masked(.text, "plain")) == [.text("plain")])
        #expect(decoder.messageReserved == [])
    }

    @Test func allowedBitIsCarriedWithFragments() throws {
        var decoder = FrameDecoder(role: .server, allowedReserved: .rsv1)
        let wire =
            masked(.text, [0xF2, 0x48, 0xCD], fin: false, reserved: .rsv1) + masked(.ping, "")
            + masked(.continuation, [0xC9, 0xC9, 0x07, 0x00])
        #expect(
            try decoder.events(wire)
                == [.ping([]), .message(kind: .text, body: .assembled([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]))])
        #expect(decoder.messageReserved == .rsv1)
    }

    @Test func allowedBitDoesNotExcuseOthers() {
        var decoder = FrameDecoder(role: .server, allowedReserved: .rsv1)
        #expect(throws: WebSocketFault.reservedBits) { try decoder.hear(header(0xE1, 0x80)) }
    }

    @Test func allowedBitMayNotStandOnAControlFrame() {
        var decoder = FrameDecoder(role: .server, allowedReserved: .rsv1)
        #expect(throws: WebSocketFault.reservedBits) { try decoder.hear(header(0xC9, 0x80)) }
    }

    @Test func allowedBitMayNotStandOnAContinuation() throws {
        var decoder = FrameDecoder(role: .server, allowedReserved: .rsv1)
        _ = try decoder.hear(masked(.text, [0xF2], fin: false, reserved: .rsv1))
        #expect(throws: WebSocketFault.reservedBits) { try decoder.hear(header(0xC0, 0x80)) }
    }

    @Test func headerShowsItsBits() throws {
        let wire = header(0xD2, 0x85)
        let parsed = try wire.withUnsafeBytes { try FrameHeader.parse($0) }
        let header = try #require(parsed)
        #expect((header.rsv1, header.rsv2, header.rsv3) == (true, false, true))
        #expect(header.masked && header.fin && header.opcode == .binary)
        #expect(header.payloadLength == 5 && header.encodedSize == 6)
    }

    @Test func onlyThreeBitsAreReservedBits() {
        #expect(ReservedBits(rawValue: 0xFF) == [.rsv1, .rsv2, .rsv3])
    }
}
