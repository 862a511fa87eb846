extension JSONWriter {
    /// A whole tree, objects in their order.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let elements): array(elements)
        case .object(let members): object(members)
        }
    }

    private mutating func array(_ elements: [JSONValue]) {
        beginArray()
        for element in elements { value(element) }
        endArray()
    }

    private mutating func object(_ members: JSONObject) {
        beginObject()
        for (name, member) in members {
            key(name)
            value(member)
        }
        endObject()
    }
}

extension JSONValue {
    package func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}
