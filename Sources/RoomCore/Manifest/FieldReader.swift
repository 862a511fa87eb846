import JSONWire

/// What is wrong with a field, in words for the person who sent it.
package struct FieldFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let field: String
    package let rule: String

    package init(_ field: String, _ rule: String) {
        self.field = field
        self.rule = rule
    }

    package var description: String { "\(field): \(rule)" }
}

/// Reads typed members of a JSON object; what is absent or null is nil, what has another type is a named fault.
package struct FieldReader {
    package let object: JSONObject
    private let prefix: String

    package init(_ object: JSONObject, path: String = "") {
        self.object = object
        prefix = path.isEmpty ? "" : path + "."
    }

    package func path(_ key: String) -> String { prefix + key }

    package func has(_ key: String) -> Bool { object[key] != nil }

    package func value(_ key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// - Parameter rule: put into words only when it was broken: entries are read by the hundred thousand.
    @inline(__always)
    private func typed<T>(
        _ key: String, _ rule: @autoclosure () -> String, _ read: (JSONValue) -> T?
    ) throws(FieldFault) -> T? {
        guard let value = value(key) else { return nil }
        guard let read = read(value) else { throw FieldFault(path(key), rule()) }
        return read
    }

    package func string(_ key: String, maxBytes: Int = 1024) throws(FieldFault) -> String? {
        try typed(key, "must be a text of at most \(maxBytes) bytes") { value in
            value.stringValue.flatMap { $0.utf8.count <= maxBytes ? $0 : nil }
        }
    }

    package func integer(_ key: String, in range: ClosedRange<Int>) throws(FieldFault) -> Int? {
        try typed(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)") { value in
            value.intValue.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package func bool(_ key: String) throws(FieldFault) -> Bool? {
        try typed(key, "must be true or false", \.boolValue)
    }

    package func object(_ key: String) throws(FieldFault) -> JSONObject? {
        try typed(key, "must be an object", \.objectValue)
    }

    package func array(_ key: String, maxCount: Int) throws(FieldFault) -> [JSONValue]? {
        try typed(key, "must be a list of at most \(maxCount)") { value in
            value.arrayValue.flatMap { $0.count <= maxCount ? $0 : nil }
        }
    }

    package func name<T: ValidatedText>(_ key: String, as type: T.Type = T.self) throws(FieldFault) -> T? {
        try typed(key, T.rule) { $0.stringValue.flatMap(T.init) }
    }

    package func choice<T: RawRepresentable & CaseIterable>(_ key: String, of type: T.Type = T.self)
        throws(FieldFault) -> T?
    where T.RawValue == String {
        try typed(key, "must be one of \(T.allCases.map(\.rawValue).joined(separator: ", "))") {
            $0.stringValue.flatMap(T.init(rawValue:))
        }
    }

    package func moment(_ key: String) throws(FieldFault) -> Timestamp? {
        try typed(key, "must be a time such as 2025-11-11T12:00:00Z") { $0.stringValue.flatMap(Timestamp.init) }
    }

    package func strings(_ key: String, maxCount: Int, rule: String, _ isValid: (String) -> Bool)
        throws(FieldFault) -> [String]?
    {
        guard let values = try array(key, maxCount: maxCount) else { return nil }
        var texts: [String] = []
        for value in values {
            guard let text = value.stringValue, isValid(text) else { throw FieldFault(path(key), rule) }
            if !texts.contains(text) { texts.append(text) }
        }
        return texts
    }

    /// The value, or a fault that says it is missing.
    package func required<T>(_ key: String, _ value: T?) throws(FieldFault) -> T {
        guard let value else { throw FieldFault(path(key), "is required") }
        return value
    }
}
