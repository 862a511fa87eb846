/// Keys as names: equal when their decoded bytes are equal, and nothing else (RFC 8259 section 8.3).
extension JSONText {
    /// One word that equal names without escapes share: length, first and last bytes.
    @inline(__always)
    func mark(of key: JSONSpan) -> UInt64 {
        let start = key.range.lowerBound
        let length = key.range.upperBound &- start
        guard start &+ 8 <= count else { return Self.mark(of: bytes(key.range)) }
        let first = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        if length < 8 { return Self.mark(length, first & ~(~0 &<< UInt64(length &* 8)), 0) }
        let last = base.loadUnaligned(fromByteOffset: key.range.upperBound &- 8, as: UInt64.self)
        return Self.mark(length, first, UInt64(littleEndian: last))
    }

    /// The same mark without reading a byte beyond the name.
    @inline(never)
    private static func mark(of name: UnsafeRawBufferPointer) -> UInt64 {
        let first = name.prefix(8).reversed().reduce(0) { $0 &<< 8 | UInt64($1) }
        guard name.count >= 8 else { return mark(name.count, first, 0) }
        return mark(name.count, first, name.suffix(8).reversed().reduce(0) { $0 &<< 8 | UInt64($1) })
    }

    @inline(__always)
    private static func mark(_ length: Int, _ first: UInt64, _ last: UInt64) -> UInt64 {
        first ^ (last &<< 32 | last &>> 32) ^ (UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15)
    }

    @inline(never)
    func sameBytes(_ left: JSONSpan, _ right: JSONSpan) -> Bool {
        bytes(left.range).hasSameBytes(as: bytes(right.range))
    }

    /// The fault for a key seen before, with at most 64 scalars of its name.
    @inline(never)
    func duplicate(_ key: JSONSpan) -> JSONFault {
        let name = decoded(key)
        let shown = name.unicodeScalars.prefix(65)
        let short = shown.count > 64 ? String(String.UnicodeScalarView(shown.prefix(64))) + "…" : name
        return .duplicateKey(name: short, offset: key.range.lowerBound - 1)
    }
}

extension UnsafeRawBufferPointer {
    /// Equal length and equal bytes, eight at a time.
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let left = baseAddress, let right = other.baseAddress else {
            return count == other.count
        }
        var next = 0
        while next &+ 8 <= count {
            let differs =
                left.loadUnaligned(fromByteOffset: next, as: UInt64.self)
                ^ right.loadUnaligned(fromByteOffset: next, as: UInt64.self)
            if differs != 0 { return false }
            next &+= 8
        }
        while next < count {
            if self[next] != other[next] { return false }
            next &+= 1
        }
        return true
    }
}
