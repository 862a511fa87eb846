extension FrameHeader {
    /// Reads the header at the start of `bytes`; nil when it is not all there yet.
    ///
    /// Refuses what no role, extension or message could make right; what depends on those is the decoder's to judge.
    /// A header that parses is minimal, so it took exactly `encodedSize` bytes.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(WebSocketFault) -> FrameHeader? {
        guard bytes.count >= 2 else { return nil }
        let first = bytes[0]
        let lengthCode = bytes[1] & 0x7F
        let masked = bytes[1] & 0x80 != 0
        let fin = first & 0x80 != 0
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .unknownOpcode(first & 0x0F) }
        if opcode.isControl {
            guard fin else { throw .fragmentedControl }
            guard lengthCode <= maxControlPayload else { throw .controlTooLong }
        }
        let keyOffset = lengthCode < 126 ? 2 : lengthCode == 126 ? 4 : 10
        guard bytes.count >= keyOffset + (masked ? 4 : 0) else { return nil }
        return FrameHeader(
            opcode: opcode,
            payloadLength: try payloadLength(code: lengthCode, in: bytes),
            fin: fin,
            reserved: ReservedBits(rawValue: first),
            maskKey: masked ? UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: keyOffset, as: UInt32.self)) : nil
        )
    }

    /// The length in the fewest bytes that can say it, as RFC 6455 §5.2 demands.
    private static func payloadLength(
        code: UInt8, in bytes: UnsafeRawBufferPointer
    ) throws(WebSocketFault) -> Int {
        switch code {
        case 126:
            let length = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            guard length > 125 else { throw .nonMinimalLength }
            return Int(length)
        case 127:
            let length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            guard length > 0xFFFF else { throw .nonMinimalLength }
            guard let length = Int(exactly: length) else { throw .lengthTooLarge }
            return length
        default:
            return Int(code)
        }
    }
}
