/// Percent-encoding as Signature Version 4 wants it: all but RFC 3986's unreserved characters, in uppercase hex.
enum PercentEncoding {
    /// One query name or value.
    static func encode(_ text: String) -> String { encode(text, keepingSlashes: false) }

    /// A path, whose slashes part it.
    static func encode(path: String) -> String { encode(path, keepingSlashes: true) }

    private static func encode(_ text: String, keepingSlashes: Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if byte.isUnreserved || keepingSlashes && byte == 0x2F {
                encoded.append(byte)
            } else {
                encoded += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Nil where a `%` is not followed by two hex digits.
    static func decode(_ text: String) -> String? {
        var decoded: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                decoded.append(byte)
                continue
            }
            let pair = rest.prefix(2)
            guard pair.count == 2, pair.allSatisfy(\.isHex), let value = UInt8(String(pair) ?? "", radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(2)
            decoded.append(value)
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

extension UInt8 {
    var isLowercaseOrDigit: Bool { (0x61...0x7A).contains(self) || (0x30...0x39).contains(self) }

    var isHex: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }

    var isUnreserved: Bool {
        isLowercaseOrDigit || (0x41...0x5A).contains(self) || [0x2D, 0x2E, 0x5F, 0x7E].contains(self)
    }
}
