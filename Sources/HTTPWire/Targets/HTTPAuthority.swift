/// Host and optional port, as Host and absolute-form targets have them (RFC 9110, section 7.2; RFC 3986, section 3.2).
enum HTTPAuthority {
    /// True for a non-empty name, IPv4 address or bracketed IPv6 address, with nothing or `:port` behind.
    ///
    /// A name is of unreserved bytes only: RFC 3986 lets it hold escapes and marks such as the comma, which no host that
    /// can be resolved has, and by which a host list or a user name could pass for a host.
    static func isValid(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard let host = hostEnd(bytes, range) else { return false }
        return isPort(bytes[host..<range.upperBound])
    }

    private static func hostEnd(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        var at = range.lowerBound
        guard at < range.upperBound, bytes[at] == UInt8(ascii: "[") else {
            while at < range.upperBound, ByteClass.isUnreserved(bytes[at]) { at += 1 }
            return at > range.lowerBound ? at : nil
        }
        guard let close = bytes[range].firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let address = bytes[at + 1..<close]
        let isAddress =
            address.contains(UInt8(ascii: ":"))
            && address.allSatisfy {
                ByteClass.hexValue($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
        return isAddress ? close + 1 : nil
    }

    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.first else { return true }
        let digits = bytes.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ ByteClass.isDigit($0) }) else {
            return false
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65535
    }
}
