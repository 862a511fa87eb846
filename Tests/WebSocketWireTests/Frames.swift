import WebSocketWire

let exampleKey: UInt32 = 0x37fa_213d

/// One frame as a client sends it.
func masked(
    _ opcode: Opcode, _ payload: [UInt8], fin: Bool = true, reserved: ReservedBits = [], key: UInt32 = exampleKey
) -> [UInt8] {
    var wire: [UInt8] = []
    FrameEncoder.appendFrame(opcode, payload: payload, fin: fin, reserved: reserved, maskKey: key, to: &wire)
    return wire
}

func masked(_ opcode: Opcode, _ text: String, fin: Bool = true) -> [UInt8] {
    masked(opcode, Array(text.utf8), fin: fin)
}

/// One frame as a server sends it.
func plain(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true) -> [UInt8] {
    var wire: [UInt8] = []
    FrameEncoder.appendFrame(opcode, payload: payload, fin: fin, to: &wire)
    return wire
}

/// A masked header whose bytes are given, with a key of zeros where a key belongs.
func header(_ first: UInt8, _ second: UInt8, _ length: [UInt8] = []) -> [UInt8] {
    [first, second] + length + (second & 0x80 != 0 ? [0, 0, 0, 0] : [])
}

/// A length as eight bytes in network order.
func eightBytes(_ length: UInt64) -> [UInt8] {
    withUnsafeBytes(of: length.bigEndian) { Array($0) }
}

/// SplitMix64: the same stream on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}
