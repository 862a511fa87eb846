/// All that precedes a frame's payload (RFC 6455 §5.2).
///
/// ```
///  byte 0          byte 1            0, 2 or 8 bytes    0 or 4 bytes
/// +-+---+-------+ +-+-------------+ +----------------+ +-------------+
/// |F|RSV| opcode| |M| length code | | length         | | masking key |
/// +-+---+-------+ +-+-------------+ +----------------+ +-------------+
/// ```
package struct FrameHeader: Equatable, Sendable {
    package var fin: Bool
    package var reserved: ReservedBits
    package var opcode: Opcode
    /// The masking key as a number in network order (`0x37fa213d` travels as `37 fa 21 3d`); nil when unmasked.
    package var maskKey: UInt32?
    package var payloadLength: Int

    package init(
        opcode: Opcode, payloadLength: Int, fin: Bool = true, reserved: ReservedBits = [], maskKey: UInt32? = nil
    ) {
        self.fin = fin
        self.reserved = reserved
        self.opcode = opcode
        self.maskKey = maskKey
        self.payloadLength = payloadLength
    }

    /// No header is longer: two bytes, a 64-bit length and a key.
    package static let maxEncodedSize = 14

    /// A control frame holds no more payload than the short length code can say (RFC 6455 §5.5).
    package static let maxControlPayload = 125

    package var rsv1: Bool { reserved.contains(.rsv1) }
    package var rsv2: Bool { reserved.contains(.rsv2) }
    package var rsv3: Bool { reserved.contains(.rsv3) }
    package var masked: Bool { maskKey != nil }

    /// How many bytes this header takes on the wire.
    package var encodedSize: Int { Self.encodedSize(payloadLength: payloadLength, masked: masked) }

    static func encodedSize(payloadLength: Int, masked: Bool) -> Int {
        let extended = payloadLength <= 125 ? 0 : payloadLength <= 0xFFFF ? 2 : 8
        return 2 + extended + (masked ? 4 : 0)
    }
}
