/// What a frame is for (RFC 6455 §5.2); the ten reserved values have no case, so they cannot be represented.
package enum Opcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Control frames are the opcodes with the high bit of the nibble set (RFC 6455 §5.5).
    package var isControl: Bool { rawValue & 0x8 != 0 }
}
