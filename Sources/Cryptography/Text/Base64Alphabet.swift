/// The two alphabets of RFC 4648 and the one codec they share.
///
///     bytes    |aaaaaaaa|bbbbbbbb|cccccccc|
///     sextets  |aaaaaa|aabbbb|bbbbcc|cccccc|
///
/// Decoding is strict: each byte string has exactly one text. Otherwise a token could be altered without a change
/// of its bytes, and two spellings of one secret would be two secrets.
struct Base64Alphabet: Sendable {
    private let characters: [UInt8]
    /// The sextet of each byte, or `invalid`.
    private let sextets: [UInt8]
    private let isPadded: Bool

    private static let invalid: UInt8 = 0xFF
    private static let padding = UInt8(ascii: "=")

    static let standard = Base64Alphabet(lastTwo: "+/", isPadded: true)
    static let url = Base64Alphabet(lastTwo: "-_", isPadded: false)

    private init(lastTwo: String, isPadded: Bool) {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        characters = Array((letters + letters.lowercased() + "0123456789" + lastTwo).utf8)
        var table = [UInt8](repeating: Self.invalid, count: 256)
        for (sextet, character) in characters.enumerated() { table[Int(character)] = UInt8(sextet) }
        sextets = table
        self.isPadded = isPadded
    }

    func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let bare = (bytes.count * 4 + 2) / 3
        let length = isPadded ? (bytes.count + 2) / 3 * 4 : bare
        return String(unsafeUninitializedCapacity: length) { output in
            var bits: UInt32 = 0
            var pending = 0
            var written = 0
            for byte in bytes {
                bits = bits << 8 | UInt32(byte)
                pending += 8
                while pending >= 6 {
                    pending -= 6
                    output[written] = characters[Int(bits >> UInt32(pending) & 0x3F)]
                    written += 1
                }
            }
            if pending > 0 { output[bare - 1] = characters[Int(bits << UInt32(6 - pending) & 0x3F)] }
            for index in bare..<length { output[index] = Self.padding }
            return length
        }
    }

    /// The bytes of `text`; nil for a character outside the alphabet, wrong or missing padding, an impossible length, or
    /// a last character whose unused bits are not zero.
    func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let bare = unpaddedCount(text), bare % 4 != 1 else { return nil }
        var leftover: UInt32 = 0
        var seen: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: bare * 3 / 4) { output, written in
            var bits: UInt32 = 0
            var pending = 0
            for character in text[..<bare] {
                let sextet = sextets[Int(character)]
                seen |= sextet
                bits = bits << 6 | UInt32(sextet & 0x3F)
                pending += 6
                guard pending >= 8 else { continue }
                pending -= 8
                output[written] = UInt8(truncatingIfNeeded: bits >> UInt32(pending))
                written += 1
            }
            leftover = bits & (1 << UInt32(pending) - 1)
        }
        return seen <= 0x3F && leftover == 0 ? bytes : nil
    }

    private func unpaddedCount(_ text: UnsafeRawBufferPointer) -> Int? {
        guard isPadded else { return text.count }
        guard text.count % 4 == 0 else { return nil }
        return text.count - text.suffix(2).reversed().prefix { $0 == Self.padding }.count
    }
}
