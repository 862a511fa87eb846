extension JSONValue: Equatable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        // Exact, not rounded: else 2^53 + 1 would equal a double that equals 2^53.
        case (.integer(let whole), .number(let double)), (.number(let double), .integer(let whole)):
            double.wholeInteger == whole
        case (.string(let left), .string(let right)): left.hasSameUTF8(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }
}

extension JSONValue: Hashable {
    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .number(let value):
            if let whole = value.wholeInteger { hasher.combine(whole) } else { hasher.combine(value) }
        case .string(let value): value.hashUTF8(into: &hasher)
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension String {
    /// Equality of bytes, where `==` would also take canonically equivalent texts for one.
    func hasSameUTF8(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return withRawUTF8 { left in other.withRawUTF8 { left.hasSameBytes(as: $0) } }
    }

    func hashUTF8(into hasher: inout Hasher) {
        withRawUTF8 { hasher.combine(bytes: $0) }
        hasher.combine(0xFF as UInt8)
    }

    func withRawUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = self
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

extension Double {
    /// The equal `Int`, if there is one. Not `Int(exactly:)`, which needs the C mathematics library to be linked.
    var wholeInteger: Int? {
        guard self >= -0x1p63, self < 0x1p63 else { return nil }
        let whole = Int(self)
        return Double(whole) == self ? whole : nil
    }

    /// The equal `Int` below 2^53. From there on a double stands for several integers, and which of them the text
    /// named is lost: `-9223372036854775809` must not become `Int.min`.
    var trustedInteger: Int? { magnitude < 0x1p53 ? wholeInteger : nil }
}
