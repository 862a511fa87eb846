import HTTPWire
import RoomCore

/// Reads typed values of a query; what is absent or empty is nil, what is not understood is a named fault.
struct QueryReader {
    private let query: HTTPQuery

    init(_ query: HTTPQuery) { self.query = query }

    func text(_ name: String, maxBytes: Int = 200) throws(FieldFault) -> String? {
        guard let text = query.first(name), !text.isEmpty else { return nil }
        guard text.utf8.count <= maxBytes else { throw FieldFault(name, "must be a text of at most \(maxBytes) bytes") }
        return text
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, of type: Choice.Type = Choice.self
    ) throws(FieldFault) -> Choice? where Choice.RawValue == String {
        guard let text = try text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw FieldFault(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func flag(_ name: String) throws(FieldFault) -> Bool {
        switch try text(name)?.lowercased() {
        case nil, "false", "0", "no", "off": false
        case "true", "1", "yes", "on": true
        default: throw FieldFault(name, "must be true or false")
        }
    }

    func name<Name: ValidatedText>(_ name: String, of type: Name.Type = Name.self) throws(FieldFault) -> Name? {
        guard let text = try text(name) else { return nil }
        guard let value = Name(text) else { throw FieldFault(name, Name.rule) }
        return value
    }
}
