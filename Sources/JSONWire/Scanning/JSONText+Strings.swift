/// Strings, RFC 8259 section 7: found, checked, and, when they hold escapes, decoded.
extension JSONText {
    /// The string whose opening quote is at `quote`.
    @inline(__always)
    func string(at quote: Int) throws(JSONFault) -> JSONSpan {
        let stop = plainRunEnd(quote &+ 1)
        if stop < count, byte(stop) == 0x22 { return JSONSpan(.string, from: quote &+ 1, to: stop) }
        return try mixedString(from: quote &+ 1, at: stop)
    }

    /// The rest of a string that is more than plain ASCII, from its first byte that is not.
    @inline(never)
    private func mixedString(from start: Int, at stop: Int) throws(JSONFault) -> JSONSpan {
        var next = stop
        var escaped = false
        while next < count {
            switch byte(next) {
            case 0x22:
                return JSONSpan(.string, from: start, to: next, escaped: escaped)
            case 0x5C:
                escaped = true
                next = try escape(at: next).end
            case 0x00..<0x20:
                throw .controlCharacter(offset: next)
            case 0x80...:
                guard let end = sequenceEnd(next) else { throw .invalidUTF8(offset: next) }
                next = end
            default:
                next = plainRunEnd(next)
            }
        }
        throw .unterminated
    }

    /// The first offset holding a quote, a backslash, a control character or a byte above ASCII, or the end.
    @inline(__always)
    private func plainRunEnd(_ offset: Int) -> Int {
        var next = offset
        while next &+ 8 <= count {
            let stops = EightBytes(at: base + next).stops
            if stops != 0 { return next &+ EightBytes.firstIndex(in: stops) }
            next &+= 8
        }
        while next < count, Self.isPlain(byte(next)) { next &+= 1 }
        return next
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C
    }

    /// The end of the UTF-8 sequence at `offset`, or nil when it is not one (Unicode, table 3-7).
    func sequenceEnd(_ offset: Int) -> Int? {
        let (length, second) = Self.sequenceShape(lead: byte(offset))
        guard length > 0, offset &+ length <= count, second.contains(byte(offset &+ 1)) else { return nil }
        for step in 2..<max(length, 2) where byte(offset &+ step) & 0xC0 != 0x80 { return nil }
        return offset &+ length
    }

    /// How long a sequence with this first byte is and what its second may be; length 0 is no first byte above ASCII.
    @inline(__always)
    private static func sequenceShape(lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>) {
        switch lead {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xE1...0xEF: (3, 0x80...0xBF)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: (0, 0x80...0xBF)
        }
    }

    /// The escape whose backslash is at `offset`: the scalar it stands for and the first byte after it.
    private func escape(at offset: Int) throws(JSONFault) -> (scalar: UInt32, end: Int) {
        guard offset &+ 1 < count else { throw .unterminated }
        let letter = byte(offset &+ 1)
        if letter == 0x75 { return try unicodeEscape(at: offset) }
        guard let scalar = Self.shortEscape(letter) else { throw .invalidEscape(offset: offset) }
        return (scalar, offset &+ 2)
    }

    private static func shortEscape(_ letter: UInt8) -> UInt32? {
        switch letter {
        case 0x22, 0x5C, 0x2F: UInt32(letter)
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: nil
        }
    }

    /// `\uXXXX`, or two of them as a surrogate pair; half a pair names no character and is refused.
    private func unicodeEscape(at offset: Int) throws(JSONFault) -> (scalar: UInt32, end: Int) {
        guard let unit = hexUnit(offset &+ 2) else { throw .invalidEscape(offset: offset) }
        guard unit & 0xF800 == 0xD800 else { return (unit, offset &+ 6) }
        guard unit < 0xDC00, byteOrZero(offset &+ 6) == 0x5C, byteOrZero(offset &+ 7) == 0x75,
            let low = hexUnit(offset &+ 8), low & 0xFC00 == 0xDC00
        else { throw .invalidEscape(offset: offset) }
        return (0x10000 &+ ((unit & 0x3FF) &<< 10) &+ (low & 0x3FF), offset &+ 12)
    }

    private func hexUnit(_ offset: Int) -> UInt32? {
        guard offset &+ 4 <= count else { return nil }
        var unit: UInt32 = 0
        for step in 0..<4 {
            switch byte(offset &+ step) {
            case let digit where digit >= 0x30 && digit <= 0x39: unit = unit &<< 4 | UInt32(digit &- 0x30)
            case let letter where (letter | 0x20) >= 0x61 && (letter | 0x20) <= 0x66:
                unit = unit &<< 4 | UInt32((letter | 0x20) &- 0x57)
            default: return nil
            }
        }
        return unit
    }
}

extension JSONText {
    /// The value of a string span, one copy.
    func decoded(_ span: JSONSpan) -> String {
        guard span.escaped else { return String(decoding: bytes(span.range), as: UTF8.self) }
        return String(unsafeUninitializedCapacity: span.range.count) { decode(span.range, into: $0) }
    }

    /// The value of a string span as UTF-8.
    func decodedBytes(_ span: JSONSpan) -> [UInt8] {
        guard span.escaped else { return Array(bytes(span.range)) }
        return [UInt8](unsafeUninitializedCapacity: span.range.count) { $1 = decode(span.range, into: $0) }
    }

    /// Writes a checked string's value, never longer than its text, and returns its length.
    private func decode(_ range: Range<Int>, into target: UnsafeMutableBufferPointer<UInt8>) -> Int {
        // Ends with the range: an escape must not look past it, into the bytes that follow the string.
        let text = JSONText(base: base, count: range.upperBound)
        var length = 0
        var next = range.lowerBound
        while next < text.count {
            guard text.byte(next) == 0x5C, let escape = try? text.escape(at: next) else {
                target[length] = text.byte(next)
                length &+= 1
                next &+= 1
                continue
            }
            length = Self.append(escape.scalar, to: target, at: length)
            next = escape.end
        }
        return length
    }

    private static func append(_ scalar: UInt32, to target: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        var length = start
        for unit in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter {
            target[length] = unit
            length &+= 1
        }
        return length
    }
}
