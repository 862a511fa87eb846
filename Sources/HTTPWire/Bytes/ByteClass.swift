/// The sets of bytes the grammar of RFC 9110 and RFC 3986 is made of.
enum ByteClass {
    /// One bit per ASCII byte that may stand in a token (RFC 9110, section 5.6.2): letters, digits and ``!#$%&'*+-.^_`|~``.
    private static let tokenLow: UInt64 = 0x03ff_6cfa_0000_0000
    private static let tokenHigh: UInt64 = 0x57ff_ffff_c7ff_fffe

    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        if byte < 64 { return tokenLow >> UInt64(byte) & 1 == 1 }
        return byte < 128 && tokenHigh >> UInt64(byte & 63) & 1 == 1
    }

    /// True for one or more token bytes.
    static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { isToken($0) }
    }

    /// Bytes of a field value: HTAB, SP, visible ASCII, and 0x80…0xFF, which are opaque (RFC 9110, section 5.5).
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7f : byte == 0x09
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    @inline(__always)
    static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7f
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    /// Letters, digits and `-._~` (RFC 3986, section 2.3).
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: isDigit(byte) || (byte | 0x20) &- 0x61 < 26
        }
    }

    /// Bytes a query may hold unescaped: visible ASCII but `"#<>`.
    ///
    /// Wider than RFC 3986, because browsers leave `[]{}|^` and the backtick as they are.
    static func isQuery(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "<"), UInt8(ascii: ">"): false
        default: byte > 0x20 && byte < 0x7f
        }
    }

    /// Bytes a path may hold unescaped: those of a query but `\`, which some peers read as a slash.
    static func isPath(_ byte: UInt8) -> Bool {
        isQuery(byte) && byte != UInt8(ascii: "\\")
    }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    /// The value of a hexadecimal digit.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// True when the bytes of `range` spell `name`, whatever the case of ASCII letters.
    static func matches(_ bytes: [UInt8], _ range: Range<Int>, _ name: String) -> Bool {
        let name = name.utf8
        guard name.count == range.count else { return false }
        var at = range.lowerBound
        for byte in name {
            guard lowercased(bytes[at]) == lowercased(byte) else { return false }
            at += 1
        }
        return true
    }

    /// `range` without the blanks at its ends.
    static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(bytes[start]) { start += 1 }
        while start < end, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }
}
