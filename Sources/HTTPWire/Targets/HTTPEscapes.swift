/// Percent escapes of a target, decoded once (RFC 3986, section 2.1).
enum HTTPEscapes {
    /// The text of one path segment.
    ///
    /// Refused once decoded: `.` and `..`, slash, backslash and control bytes. They name nothing here, and each has led
    /// two servers in a row to see two different paths.
    static func segment(_ bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) -> String {
        guard bytes[range].contains(UInt8(ascii: "%")) else {
            if isDotSegment(bytes[range]) { throw .pathRefused }
            return String(decoding: bytes[range], as: UTF8.self)
        }
        let decoded = try decode(bytes, range, plusIsSpace: false)
        let hasRefusedByte = decoded.contains {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || ByteClass.isControl($0)
        }
        if hasRefusedByte || isDotSegment(decoded[...]) { throw .pathRefused }
        return try text(decoded)
    }

    /// The text of a name or value of the query, where `+` is a space; only NUL is refused of what escapes can spell.
    static func queryText(_ bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) -> String {
        guard bytes[range].contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(decoding: bytes[range], as: UTF8.self)
        }
        let decoded = try decode(bytes, range, plusIsSpace: true)
        if decoded.contains(0) { throw .malformedEscape }
        return try text(decoded)
    }

    private static func isDotSegment(_ segment: ArraySlice<UInt8>) -> Bool {
        segment.count <= 2 && !segment.isEmpty && segment.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    private static func decode(
        _ bytes: [UInt8], _ range: Range<Int>, plusIsSpace: Bool
    ) throws(HTTPFault) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var at = range.lowerBound
        while at < range.upperBound {
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "%") else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
                continue
            }
            guard at + 1 < range.upperBound, let high = ByteClass.hexValue(bytes[at]),
                let low = ByteClass.hexValue(bytes[at + 1])
            else { throw .malformedEscape }
            decoded.append(high << 4 | low)
            at += 2
        }
        return decoded
    }

    private static func text(_ decoded: [UInt8]) throws(HTTPFault) -> String {
        guard let text = String(validating: decoded, as: UTF8.self) else { throw .malformedEscape }
        return text
    }
}
