/// Reads the XML that S3 and STS answer with, and nothing beyond it.
///
/// It knows elements, attributes (which are skipped), text, the five named and the numeric references, comments, CDATA
/// and a declaration (https://www.w3.org/TR/xml/). Document types and other entities are refused, so a few bytes cannot
/// stand for many; depth, number of elements and size are bounded. Prefixes of names are dropped.
struct XMLReader {
    private let bytes: [UInt8]
    private var position = 0
    private var elementCount = 0

    static let depthLimit = 16
    static let elementLimit = 50_000
    static let sizeLimit = 16 << 20

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(XMLFault) -> XMLElement {
        guard bytes.count <= Self.sizeLimit else { throw .tooLong }
        _ = take("\u{FEFF}")
        try skipBetween()
        guard take("<") else { throw malformed }
        let root = try element(depth: 1)
        try skipBetween()
        guard position == bytes.count else { throw malformed }
        return root
    }

    /// After its `<`.
    private mutating func element(depth: Int) throws(XMLFault) -> XMLElement {
        guard depth <= Self.depthLimit else { throw .tooDeep }
        elementCount += 1
        guard elementCount <= Self.elementLimit else { throw .tooManyElements }
        let name = try self.name()
        var element = XMLElement(name: localName(name))
        if try skipAttributes() { return element }
        var text: [UInt8] = []
        while true {
            if take("</") {
                guard try self.name() == name else { throw malformed }
                skipSpace()
                guard take(">") else { throw malformed }
                element.text = try decoded(text)
                return element
            } else if take("<!--") {
                try skip(past: "-->")
            } else if take("<![CDATA[") {
                let start = position
                try skip(past: "]]>")
                text += bytes[start..<position - 3]
            } else if starts("<!") || starts("<?") {
                throw .documentType
            } else if take("<") {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                text += try run()
            }
        }
    }

    private mutating func name() throws(XMLFault) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, bytes[position].isNameByte { position += 1 }
        guard position > start, position - start <= 200, !(0x2D...0x39).contains(bytes[start]) else { throw malformed }
        return bytes[start..<position]
    }

    private func localName(_ name: ArraySlice<UInt8>) -> String {
        String(decoding: name.split(separator: 0x3A).last ?? name, as: UTF8.self)
    }

    /// To the end of the tag; true when it closes its element too.
    private mutating func skipAttributes() throws(XMLFault) -> Bool {
        while true {
            let start = position
            skipSpace()
            if take("/>") { return true }
            if take(">") { return false }
            guard position > start else { throw malformed }
            _ = try name()
            skipSpace()
            guard take("=") else { throw malformed }
            skipSpace()
            guard let quote = next(), quote == 0x22 || quote == 0x27 else { throw malformed }
            while let byte = next(), byte != quote {
                guard byte != 0x3C else { throw malformed }
            }
            guard position <= bytes.count, bytes[position - 1] == quote else { throw malformed }
        }
    }

    /// Text up to the next markup or reference, or what the reference here stands for.
    private mutating func run() throws(XMLFault) -> [UInt8] {
        let start = position
        while position < bytes.count, bytes[position].isTextByte { position += 1 }
        guard position == start else { return Array(bytes[start..<position]) }
        guard take("&") else { throw malformed }
        let reference = bytes[position...].prefix(12).prefix { $0 != 0x3B }
        position += reference.count
        guard take(";") else { throw malformed }
        return try meaning(of: String(decoding: reference, as: UTF8.self))
    }

    private func meaning(of reference: String) throws(XMLFault) -> [UInt8] {
        let named = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        if let text = named[reference] { return Array(text.utf8) }
        guard reference.hasPrefix("#") else { throw malformed }
        let isHex = reference.hasPrefix("#x")
        let digits = reference.dropFirst(isHex ? 2 : 1)
        guard digits.utf8.allSatisfy(\.isHex), let number = UInt32(digits, radix: isHex ? 16 : 10),
            number >= 0x20 || [0x09, 0x0A, 0x0D].contains(number), let scalar = Unicode.Scalar(number)
        else { throw malformed }
        return Array(String(Character(scalar)).utf8)
    }

    private func decoded(_ text: [UInt8]) throws(XMLFault) -> String {
        guard let decoded = String(validating: text, as: UTF8.self) else { throw malformed }
        return decoded
    }
}

// MARK: - Bytes

extension XMLReader {
    private var malformed: XMLFault { .malformed(offset: position) }

    private mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    private func starts(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        return text.withUTF8Buffer { $0.elementsEqual(bytes[position..<position + count]) }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard starts(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func skip(past end: StaticString) throws(XMLFault) {
        while !take(end) {
            guard position < bytes.count else { throw malformed }
            position += 1
        }
    }

    /// What may stand before and after the root: space, comments and a declaration.
    private mutating func skipBetween() throws(XMLFault) {
        while true {
            skipSpace()
            if take("<!--") {
                try skip(past: "-->")
            } else if take("<?") {
                try skip(past: "?>")
            } else if starts("<!") {
                throw .documentType
            } else {
                return
            }
        }
    }
}

extension UInt8 {
    /// Neither `<`, nor `&`, nor a control character.
    fileprivate var isTextByte: Bool {
        self >= 0x20 && self != 0x26 && self != 0x3C || self == 0x09 || self == 0x0A || self == 0x0D
    }

    fileprivate var isNameByte: Bool { isUnreserved && self != 0x7E || self == 0x3A }
}
