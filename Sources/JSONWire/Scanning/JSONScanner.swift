/// Reads a text without building anything: the whole of it is checked, and the top-level members are pointed at.
package struct JSONScanner {
    /// The most levels any reader of this module descends, a bound on its stack; a higher `maxDepth` means this.
    package static let deepest = 512

    /// Checks the whole text strictly and calls `member` for each member of its top-level object, in order.
    ///
    /// Members are told as they are met: when the call throws, what `member` has gathered must be thrown away.
    package static func scanObject(
        _ bytes: UnsafeRawBufferPointer, maxDepth: Int, member: (_ key: JSONSpan, _ value: JSONSpan) -> Void
    ) throws(JSONFault) {
        try JSONWalk.run(bytes, maxDepth: maxDepth) { (walk, start) throws(JSONFault) in
            guard walk.text.byte(start) == 0x7B else { throw walk.text.notAnObject(at: start) }
            return try walk.members(at: start, depth: 0) { (walk, key, start, depth) throws(JSONFault) in
                let value = try walk.value(at: start, depth: depth)
                member(key, value)
                return value.end
            }
        }
    }

    /// Checks the whole text strictly and calls `element` for each element of its top-level array, in order; false when
    /// the text is no array, and then nothing was checked.
    package static func scanArray(
        _ bytes: UnsafeRawBufferPointer, maxDepth: Int, element: (JSONSpan) -> Void
    ) throws(JSONFault) -> Bool {
        var isArray = true
        try JSONWalk.run(bytes, maxDepth: maxDepth) { (walk, start) throws(JSONFault) in
            isArray = walk.text.byte(start) == 0x5B
            guard isArray else { return walk.text.count }
            return try walk.elements(at: start, depth: 0) { (walk, start, depth) throws(JSONFault) in
                let value = try walk.value(at: start, depth: depth)
                element(value)
                return value.end
            }
        }
        return isArray
    }

    /// Checks the whole text strictly, whatever its value is.
    package static func validate(_ bytes: UnsafeRawBufferPointer, maxDepth: Int) throws(JSONFault) {
        try JSONWalk.run(bytes, maxDepth: maxDepth) { (walk, start) throws(JSONFault) in
            try walk.value(at: start, depth: 0).end
        }
    }
}

extension JSONText {
    /// What to say of a text whose first byte is not a brace.
    fileprivate func notAnObject(at start: Int) -> JSONFault {
        switch byte(start) {
        case 0x22, 0x2D, 0x30...0x39, 0x5B, 0x66, 0x6E, 0x74: .notAnObject
        default: .unexpectedByte(offset: start)
        }
    }
}
