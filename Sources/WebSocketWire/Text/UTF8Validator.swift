/// Judges UTF-8 as it streams, byte for byte as strict as Unicode's table 3-7: no overlong form, no surrogate,
/// nothing above U+10FFFF (RFC 3629, required by RFC 6455 §8.1).
///
/// Refuses at the first byte that no continuation could make right, and carries a code point over any split.
package struct UTF8Validator: Sendable {
    private var state = State.boundary

    package init() {}

    /// Whether the bytes so far end between two code points.
    package var isComplete: Bool { state == .boundary }

    /// Takes the next bytes; false once any byte so far was wrong, and from then on.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return state != .refused }
        let count = bytes.count
        var state = self.state
        var index = 0
        while index < count {
            if state == .boundary {
                index = Self.endOfWholeSequences(base, from: index, to: count)
                guard index < count else { break }
            }
            state = state.after(base.load(fromByteOffset: index, as: UInt8.self))
            guard state != .refused else { break }
            index &+= 1
        }
        self.state = state
        return state != .refused
    }

    /// Skips what can be judged in words rather than bytes; stops at an error, or at a sequence near the end.
    private static func endOfWholeSequences(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end {
            if base.load(fromByteOffset: index, as: UInt8.self) < 0x80 {
                index = endOfASCII(base, from: index, to: end)
            }
            guard index &+ 4 <= end else { return index }
            let length = lengthOfSequence(
                UInt32(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt32.self)))
            guard length > 0 else { return index }
            index &+= length
        }
        return index
    }

    /// The length of the valid sequence of two to four bytes that `word` begins with, first byte lowest; 0 for none.
    private static func lengthOfSequence(_ word: UInt32) -> Int {
        if word & 0xC0E0 == 0x80C0 {
            return word & 0x1E != 0 ? 2 : 0  // C0 and C1 are overlong
        }
        if word & 0xC0_C0F0 == 0x80_80E0 {
            let top = word & 0x200F
            return top != 0 && top != 0x200D ? 3 : 0  // E0 80…9F is overlong, ED A0…BF a surrogate
        }
        if word & 0xC0C0_C0F8 == 0x8080_80F0 {
            let top = (word & 0x07) << 2 | (word & 0x3000) >> 12
            return top >= 1 && top <= 16 ? 4 : 0  // F0 80…8F is overlong, F4 90… lies above U+10FFFF
        }
        return 0
    }

    /// The first offset that does not hold ASCII, looked for 32, then 8, then 1 byte at a time.
    private static func endOfASCII(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        let highBits: UInt64 = 0x8080_8080_8080_8080
        func word(_ offset: Int) -> UInt64 { base.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        var index = start
        while index &+ 32 <= end {
            let all = word(index) | word(index &+ 8) | word(index &+ 16) | word(index &+ 24)
            guard all & highBits == 0 else { break }
            index &+= 32
        }
        while index &+ 8 <= end {
            let high = UInt64(littleEndian: word(index)) & highBits
            guard high == 0 else { return index &+ high.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < end, base.load(fromByteOffset: index, as: UInt8.self) < 0x80 { index &+= 1 }
        return index
    }
}

extension UTF8Validator {
    /// What the next byte may be.
    private enum State: UInt8 {
        case boundary
        /// One, two or three continuation bytes of any value are due.
        case oneMore, twoMore, threeMore
        /// A lead byte that narrows its first continuation: E0 and F0 against overlongs, ED against surrogates,
        /// F4 against what lies above U+10FFFF.
        case afterE0, afterED, afterF0, afterF4
        case refused

        func after(_ byte: UInt8) -> State {
            switch self {
            case .boundary: Self.lead(byte)
            case .oneMore: byte & 0xC0 == 0x80 ? .boundary : .refused
            case .twoMore: byte & 0xC0 == 0x80 ? .oneMore : .refused
            case .threeMore: byte & 0xC0 == 0x80 ? .twoMore : .refused
            case .afterE0: byte & 0xE0 == 0xA0 ? .oneMore : .refused
            case .afterED: byte & 0xE0 == 0x80 ? .oneMore : .refused
            case .afterF0: byte >= 0x90 && byte <= 0xBF ? .twoMore : .refused
            case .afterF4: byte & 0xF0 == 0x80 ? .twoMore : .refused
            case .refused: .refused
            }
        }

        private static func lead(_ byte: UInt8) -> State {
            switch byte {
            case 0x00...0x7F: .boundary
            case 0xC2...0xDF: .oneMore
            case 0xE0: .afterE0
            case 0xED: .afterED
            case 0xE1...0xEF: .twoMore
            case 0xF0: .afterF0
            case 0xF1...0xF3: .threeMore
            case 0xF4: .afterF4
            default: .refused
            }
        }
    }
}
