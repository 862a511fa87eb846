/// Eight bytes looked at together: in each mask below, the lowest set bit lies in the first byte sought.
///
/// A subtraction borrows only out of a byte that is itself sought, so bits above the lowest may lie, the lowest never.
struct EightBytes {
    private let word: UInt64

    @inline(__always)
    init(at address: UnsafeRawPointer) {
        word = UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
    }

    /// Where a string cannot simply go on while being read: quote, backslash, control character, not ASCII.
    @inline(__always)
    var stops: UInt64 { (special | word) & Self.highBits }

    /// Where a string cannot simply go on while being written: quote, backslash, control character.
    @inline(__always)
    var escapes: UInt64 { special & ~word & Self.highBits }

    @inline(__always)
    static func firstIndex(in mask: UInt64) -> Int { mask.trailingZeroBitCount &>> 3 }

    /// High bit set for each of the three in an ASCII byte; meaningless in the others.
    @inline(__always)
    private var special: UInt64 {
        let belowBlank = word &- (Self.ones &* 0x20)
        let quote = (word ^ (Self.ones &* 0x22)) &- Self.ones
        let backslash = (word ^ (Self.ones &* 0x5C)) &- Self.ones
        return belowBlank | quote | backslash
    }

    @inline(__always)
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    @inline(__always)
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }
}
