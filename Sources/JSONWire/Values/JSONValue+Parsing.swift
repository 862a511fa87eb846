extension JSONValue {
    /// The value of a whole text, under the very rules of `JSONScanner`.
    package static func parse(_ bytes: UnsafeRawBufferPointer, maxDepth: Int) throws(JSONFault) -> JSONValue {
        var value = JSONValue.null
        try JSONWalk.run(bytes, maxDepth: maxDepth) { (walk, start) throws(JSONFault) in
            try walk.build(&value, at: start, depth: 0)
        }
        return value
    }

    package static func parse(_ bytes: [UInt8], maxDepth: Int) throws(JSONFault) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONFault) in
            try parse(UnsafeRawBufferPointer(buffer), maxDepth: maxDepth)
        }
    }

    package static func parse(_ bytes: ArraySlice<UInt8>, maxDepth: Int) throws(JSONFault) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONFault) in
            try parse(UnsafeRawBufferPointer(buffer), maxDepth: maxDepth)
        }
    }

    package static func parse(_ text: String, maxDepth: Int) throws(JSONFault) -> JSONValue {
        try parse(Array(text.utf8), maxDepth: maxDepth)
    }
}

extension JSONWalk {
    /// Reads the value at `start` into `value` and returns its end.
    fileprivate mutating func build(
        _ value: inout JSONValue, at start: Int, depth: Int
    ) throws(JSONFault) -> Int {
        switch text.byteOrZero(start) {
        case 0x7B: return try buildObject(&value, at: start, depth: depth)
        case 0x5B: return try buildArray(&value, at: start, depth: depth)
        default:
            let span = try self.value(at: start, depth: depth)
            value = try text.scalar(span)
            return span.end
        }
    }

    private mutating func buildObject(
        _ value: inout JSONValue, at start: Int, depth: Int
    ) throws(JSONFault) -> Int {
        var object = JSONObject()
        let end = try members(at: start, depth: depth) { (walk, key, start, depth) throws(JSONFault) in
            var member = JSONValue.null
            let end = try walk.build(&member, at: start, depth: depth)
            // Two equal keys never come here: the walk refused the second.
            object.append(walk.text.decoded(key), member)
            return end
        }
        value = .object(object)
        return end
    }

    private mutating func buildArray(
        _ value: inout JSONValue, at start: Int, depth: Int
    ) throws(JSONFault) -> Int {
        var array: [JSONValue] = []
        let end = try elements(at: start, depth: depth) { (walk, start, depth) throws(JSONFault) in
            var element = JSONValue.null
            let end = try walk.build(&element, at: start, depth: depth)
            array.append(element)
            return end
        }
        value = .array(array)
        return end
    }
}

extension JSONText {
    /// The value of a span that is neither object nor array.
    fileprivate func scalar(_ span: JSONSpan) throws(JSONFault) -> JSONValue {
        switch span.kind {
        case .string: return .string(decoded(span))
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .null: return .null
        case .number:
            if let whole = wholeInteger(span.range), !isNegativeZero(span.range, whole) { return .integer(whole) }
            guard let double = double(span.range) else { throw .invalidNumber(offset: span.range.lowerBound) }
            return .number(double)
        case .object, .array: throw .unexpectedByte(offset: span.range.lowerBound)
        }
    }

    /// `-0`, whose sign only a double keeps.
    private func isNegativeZero(_ range: Range<Int>, _ value: Int) -> Bool {
        value == 0 && byte(range.lowerBound) == 0x2D
    }
}
