/// Base 64 as the handshake needs it (RFC 4648 §4): keys and accept values, a few bytes each.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for place in 0..<4 {
                let sextet = Int(bits >> (18 - 6 * UInt32(place)) & 0x3F)
                text.append(place <= group.count ? alphabet[sextet] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether `text` stands for exactly 16 bytes: 22 characters and two signs of padding.
    static func isSixteenBytes(_ text: String) -> Bool {
        let characters = Array(text.utf8.prefix(25))
        return characters.count == 24 && characters.suffix(2) == Array("==".utf8)
            && characters.prefix(22).allSatisfy(alphabet.contains)
    }
}
