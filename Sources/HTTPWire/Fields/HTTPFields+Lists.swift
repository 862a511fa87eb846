extension HTTPFields {
    /// The elements of a comma-separated field, over all its lines (RFC 9110, section 5.6.1).
    ///
    /// Blanks around elements and empty elements are left out, case is kept, and a comma within double quotes is no
    /// separator.
    package func tokens(_ name: String) -> [String] {
        var tokens: [String] = []
        for entry in entries where ByteClass.matches(bytes, entry.name, name) {
            var elements = HTTPListElements(bytes, entry.value)
            while let element = elements.next() {
                tokens.append(text(element))
            }
        }
        return tokens
    }

    /// True when one element of the comma-separated field `name` is `token`, whatever the case.
    package func contains(token: String, in name: String) -> Bool {
        for entry in entries where ByteClass.matches(bytes, entry.name, name) {
            var elements = HTTPListElements(bytes, entry.value)
            while let element = elements.next() {
                if ByteClass.matches(bytes, element, token) { return true }
            }
        }
        return false
    }
}

/// Walks over the non-empty elements of a comma-separated value.
struct HTTPListElements {
    private let bytes: [UInt8]
    private var at: Int
    private let end: Int

    init(_ bytes: [UInt8], _ value: Range<Int>) {
        self.bytes = bytes
        at = value.lowerBound
        end = value.upperBound
    }

    mutating func next() -> Range<Int>? {
        while at < end {
            let start = at
            skipToComma()
            let element = ByteClass.trimmed(bytes, start..<at)
            at += 1
            if !element.isEmpty { return element }
        }
        return nil
    }

    private mutating func skipToComma() {
        var quoted = false
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: ",") where !quoted: return
            case UInt8(ascii: "\\") where quoted && at + 1 < end: at += 1
            case UInt8(ascii: "\""): quoted.toggle()
            default: break
            }
            at += 1
        }
    }
}
