/// What a span says. A span means something only in the bytes it was scanned from.
extension JSONScanner {
    /// A string span's value; of any other span the text as it stands.
    package static func decodeString(_ span: JSONSpan, in bytes: UnsafeRawBufferPointer) -> String {
        text(of: span, in: bytes).decoded(span)
    }

    /// A string span's value, nil for any other kind: how a field that must be a string is read.
    package static func string(_ span: JSONSpan, in bytes: UnsafeRawBufferPointer) -> String? {
        span.kind == .string ? decodeString(span, in: bytes) : nil
    }

    /// Whether a string span's value is `text`; allocates nothing unless the span is escaped.
    package static func matches(
        _ span: JSONSpan, _ name: StaticString, in bytes: UnsafeRawBufferPointer
    ) -> Bool {
        guard span.kind == .string else { return false }
        let name = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        let text = text(of: span, in: bytes)
        guard span.escaped else { return text.bytes(span.range).hasSameBytes(as: name) }
        return text.decodedBytes(span).withUnsafeBytes { $0.hasSameBytes(as: name) }
    }

    /// A number span's value when it is an `Int`, however written: `2`, `2.0` and `2e0` are one number.
    /// A fraction or an exponent is believed below 2^53 only, where rounding cannot have made another integer of it.
    package static func integer(_ span: JSONSpan, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard span.kind == .number else { return nil }
        let text = text(of: span, in: bytes)
        return text.wholeInteger(span.range) ?? text.double(span.range)?.trustedInteger
    }

    /// A number span's value as the nearest double.
    package static func double(_ span: JSONSpan, in bytes: UnsafeRawBufferPointer) -> Double? {
        guard span.kind == .number else { return nil }
        return text(of: span, in: bytes).double(span.range)
    }

    /// A `true` or `false` span's value.
    package static func bool(_ span: JSONSpan) -> Bool? {
        switch span.kind {
        case .true: true
        case .false: false
        case .object, .array, .string, .number, .null: nil
        }
    }

    private static func text(of span: JSONSpan, in bytes: UnsafeRawBufferPointer) -> JSONText {
        guard let base = bytes.baseAddress, span.range.upperBound <= bytes.count else {
            preconditionFailure("a span is read in the bytes it was scanned from")
        }
        return JSONText(base: base, count: bytes.count)
    }
}
