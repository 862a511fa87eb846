/// Writes one JSON text straight into bytes, commas by itself.
///
/// A comma is due exactly after a value, so one flag replaces a stack. The order of calls is the caller's: a value in
/// an object needs its `key` first. Everything written is valid JSON but for `raw`, which is trusted.
package struct JSONWriter {
    package private(set) var bytes: [UInt8]
    private var commaDue = false
    private var open = 0

    package init(reserving capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Empties the writer for the next text and keeps its memory.
    package mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
        commaDue = false
        open = 0
    }

    package mutating func beginObject() { begin(0x7B) }
    package mutating func endObject() { end(0x7D) }
    package mutating func beginArray() { begin(0x5B) }
    package mutating func endArray() { end(0x5D) }

    private mutating func begin(_ bracket: UInt8) {
        startValue()
        bytes.append(bracket)
        commaDue = false
        open += 1
    }

    private mutating func end(_ bracket: UInt8) {
        precondition(open > 0, "every end closes a begin")
        open -= 1
        bytes.append(bracket)
        commaDue = true
    }

    /// A literal takes the `StaticString` form, which touches no `String`.
    package mutating func key(_ name: StaticString) {
        key(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    @_disfavoredOverload
    package mutating func key(_ name: String) {
        var name = name
        name.withUTF8 { key(UnsafeRawBufferPointer($0)) }
    }

    private mutating func key(_ name: UnsafeRawBufferPointer) {
        appendQuoted(name, then: 0x3A)
        commaDue = false
    }

    package mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { appendQuoted(UnsafeRawBufferPointer($0)) }
    }

    /// A string from bytes; what is not UTF-8 in them becomes U+FFFD.
    package mutating func string(utf8 value: UnsafeRawBufferPointer) {
        if value.isUTF8 { appendQuoted(value) } else { string(String(decoding: value, as: UTF8.self)) }
    }

    package mutating func bool(_ value: Bool) {
        startValue()
        append(value ? "true" : "false")
    }

    package mutating func null() {
        startValue()
        append("null")
    }

    package mutating func integer(_ value: Int) {
        startValue()
        if value < 0 { bytes.append(0x2D) }
        appendDigits(UInt64(value.magnitude))
    }

    package mutating func integer(_ value: UInt64) {
        startValue()
        appendDigits(value)
    }

    /// The shortest digits that read back as the same double, a whole one with `.0`; JSON has no word for a number
    /// that is not finite, so it becomes `null`.
    package mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        startValue()
        var digits = value.description
        digits.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// One value already encoded, trusted to be valid JSON: it is copied, not read.
    package mutating func raw(_ encoded: UnsafeRawBufferPointer) {
        startValue()
        bytes.append(contentsOf: encoded)
    }

    package mutating func raw(_ encoded: [UInt8]) {
        startValue()
        bytes.append(contentsOf: encoded)
    }

    package mutating func raw(_ encoded: ArraySlice<UInt8>) {
        startValue()
        bytes.append(contentsOf: encoded)
    }

    /// One value that is encoded in place, and trusted as well.
    package mutating func raw(_ append: (inout [UInt8]) -> Void) {
        startValue()
        append(&bytes)
    }

    /// What precedes a value or a key, and the promise that a comma follows it.
    private mutating func startValue() {
        if commaDue { bytes.append(0x2C) }
        commaDue = true
    }

    private mutating func append(_ word: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }
}

extension JSONWriter {
    private mutating func appendDigits(_ value: UInt64) {
        var length = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        bytes.append(addingCapacity: length) { $0.append(digitsOf: value, length: length) }
    }

    /// A due comma, `text` in quotes, and the byte that follows, if any.
    ///
    /// Most strings need no escape: they go in one piece, with one look at the array's capacity.
    private mutating func appendQuoted(_ text: UnsafeRawBufferPointer, then colon: UInt8? = nil) {
        guard text.nextEscape(from: 0) == text.count else {
            appendEscaped(text)
            if let colon { bytes.append(colon) }
            return
        }
        let comma = commaDue
        commaDue = true
        bytes.append(addingCapacity: text.count + 4) { output in
            if comma { output.append(0x2C) }
            output.append(0x22)
            output.append(copying: text)
            output.append(0x22)
            if let colon { output.append(colon) }
        }
    }

    /// Quotes around `text`, runs copied whole, and escaped only what RFC 8259 section 7 says must be.
    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer) {
        startValue()
        bytes.append(0x22)
        var run = 0
        while run < text.count {
            let stop = text.nextEscape(from: run)
            bytes.append(addingCapacity: stop - run) {
                $0.append(copying: UnsafeRawBufferPointer(rebasing: text[run..<stop]))
            }
            if stop < text.count { appendEscape(text[stop]) }
            run = stop + 1
        }
        bytes.append(0x22)
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        default:
            append(byte < 0x10 ? "\\u000" : "\\u001")
            bytes.append(byte & 0x0F < 10 ? 0x30 | byte & 0x0F : 0x57 &+ byte & 0x0F)
        }
    }
}

extension OutputSpan<UInt8> {
    fileprivate mutating func append(copying source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress else { return }
        withUnsafeMutableBufferPointer { target, length in
            precondition(source.count <= target.count - length, "room is asked for before it is used")
            guard let end = target.baseAddress.map({ UnsafeMutableRawPointer($0 + length) }) else { return }
            end.copyMemory(from: start, byteCount: source.count)
            length += source.count
        }
    }
    fileprivate mutating func append(digitsOf value: UInt64, length added: Int) {
        withUnsafeMutableBufferPointer { target, length in
            var rest = value
            for place in (length..<length + added).reversed() {
                target[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            length += added
        }
    }
}
