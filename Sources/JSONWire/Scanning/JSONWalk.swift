/// One strict pass over a text, written once for both readers: the scanner skips values, the tree builds them.
///
/// Whatever is legal is decided here and in `JSONText`, so the two readers cannot disagree. The walk recurses, one
/// frame per open object or array; `JSONScanner.deepest` bounds the stack whatever limit a caller names.
struct JSONWalk: ~Copyable {
    let text: JSONText
    private let maxDepth: Int
    private var keys: OpenKeys

    private init(_ text: JSONText, maxDepth: Int, keys: consuming OpenKeys) {
        self.text = text
        self.maxDepth = maxDepth
        self.keys = keys
    }

    /// Runs `body` on a fresh walk over `bytes`, at the first byte that is not a blank, and checks that nothing but
    /// blanks follows the offset it returns.
    @inline(__always)
    static func run(
        _ bytes: UnsafeRawBufferPointer, maxDepth: Int,
        _ body: (inout JSONWalk, _ start: Int) throws(JSONFault) -> Int
    ) throws(JSONFault) {
        let text = try JSONText(bytes)
        let depth = max(0, min(maxDepth, JSONScanner.deepest))
        // Under 1,024 bytes, the most the standard library puts on the stack.
        let fault = withUnsafeTemporaryAllocation(of: OpenKeys.Slot.self, capacity: 1_024 / 32) { memory in
            do throws(JSONFault) {
                var walk = JSONWalk(text, maxDepth: depth, keys: OpenKeys(on: memory))
                let start = text.skipBlanks(0)
                guard start < text.count else { throw .empty }
                let end = text.skipBlanks(try body(&walk, start))
                guard end == text.count else { throw .trailingBytes(offset: end) }
                return JSONFault?.none
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    /// The value at `start`, checked and skipped.
    mutating func value(at start: Int, depth: Int) throws(JSONFault) -> JSONSpan {
        guard start < text.count else { throw .unterminated }
        switch text.byte(start) {
        case 0x22: return try text.string(at: start)
        case 0x2D, 0x30...0x39: return try text.number(at: start)
        case 0x7B: return JSONSpan(.object, from: start, to: try objectEnd(at: start, depth: depth))
        case 0x5B: return JSONSpan(.array, from: start, to: try arrayEnd(at: start, depth: depth))
        case 0x74: return try text.literal("true", .true, at: start)
        case 0x66: return try text.literal("false", .false, at: start)
        case 0x6E: return try text.literal("null", .null, at: start)
        default: throw .unexpectedByte(offset: start)
        }
    }

    private mutating func objectEnd(at start: Int, depth: Int) throws(JSONFault) -> Int {
        try members(at: start, depth: depth) { (walk, _, value, depth) throws(JSONFault) in
            try walk.value(at: value, depth: depth).end
        }
    }

    private mutating func arrayEnd(at start: Int, depth: Int) throws(JSONFault) -> Int {
        try elements(at: start, depth: depth) { (walk, value, depth) throws(JSONFault) in
            try walk.value(at: value, depth: depth).end
        }
    }

    /// Walks the object at `start`; `member` is given each key and the offset of its value and returns that value's
    /// end. Returns the offset after the closing brace.
    @inline(__always)
    mutating func members(
        at start: Int, depth: Int,
        _ member: (inout JSONWalk, _ key: JSONSpan, _ value: Int, _ depth: Int) throws(JSONFault) -> Int
    ) throws(JSONFault) -> Int {
        guard depth < maxDepth else { throw .tooDeep(limit: maxDepth) }
        var scope = keys.openScope()
        var next = text.skipBlanks(start &+ 1)
        if text.byteOrZero(next) == 0x7D { return next &+ 1 }
        while true {
            try expect(0x22, at: next)
            let key = try text.string(at: next)
            try keys.insert(key, into: &scope, of: text)
            next = text.skipBlanks(key.end)
            try expect(0x3A, at: next)
            next = text.skipBlanks(try member(&self, key, text.skipBlanks(next &+ 1), depth &+ 1))
            if text.byteOrZero(next) == 0x7D { break }
            try expect(0x2C, at: next)
            next = text.skipBlanks(next &+ 1)
        }
        keys.close(scope)
        return next &+ 1
    }

    /// Walks the array at `start`; `element` is given the offset of each value and returns that value's end.
    /// Returns the offset after the closing bracket.
    @inline(__always)
    mutating func elements(
        at start: Int, depth: Int, _ element: (inout JSONWalk, _ value: Int, _ depth: Int) throws(JSONFault) -> Int
    ) throws(JSONFault) -> Int {
        guard depth < maxDepth else { throw .tooDeep(limit: maxDepth) }
        var next = text.skipBlanks(start &+ 1)
        if text.byteOrZero(next) == 0x5D { return next &+ 1 }
        while true {
            next = text.skipBlanks(try element(&self, next, depth &+ 1))
            if text.byteOrZero(next) == 0x5D { return next &+ 1 }
            try expect(0x2C, at: next)
            next = text.skipBlanks(next &+ 1)
        }
    }

    @inline(__always)
    private func expect(_ byte: UInt8, at offset: Int) throws(JSONFault) {
        guard offset < text.count else { throw .unterminated }
        guard text.byte(offset) == byte else { throw .unexpectedByte(offset: offset) }
    }
}
