/// A key and its value in one call.
extension JSONWriter {
    package mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    /// Nil is written as `null`; a member that may be absent is the caller's to leave out.
    package mutating func member(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    package mutating func member(_ name: StaticString, _ value: Int) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: UInt64) {
        key(name)
        integer(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    package mutating func member(_ name: StaticString, _ value: Double) {
        key(name)
        number(value)
    }

    /// Disfavoured so that a bare literal means the plain type of it.
    @_disfavoredOverload
    package mutating func member(_ name: StaticString, _ value: JSONValue) {
        key(name)
        self.value(value)
    }

    /// A value already encoded, trusted to be valid JSON.
    package mutating func member(_ name: StaticString, raw encoded: UnsafeRawBufferPointer) {
        key(name)
        raw(encoded)
    }

    package mutating func member(_ name: StaticString, raw encoded: [UInt8]) {
        key(name)
        raw(encoded)
    }

    package mutating func member(_ name: StaticString, raw encoded: ArraySlice<UInt8>) {
        key(name)
        raw(encoded)
    }
}
