import HTTPWire
import RoomCore
import WireMessages

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

    func whole(_ name: String, in range: ClosedRange<Int>) throws(FieldFault) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw FieldFault(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func revision(_ name: String) throws(FieldFault) -> Revision? {
        try whole(name, in: 0...Int.max).map { Revision($0) }
    }

    /// `at_revision` or `at_time`; nil for now.
    func point() throws(FieldFault) -> PointInTime? {
        let moment = try text("at_time")
        if let revision = try revision("at_revision") {
            guard moment == nil else { throw FieldFault("at_time", "give at_revision or at_time, not both") }
            return .revision(revision)
        }
        guard let moment else { return nil }
        guard let time = Timestamp(moment) else {
            throw FieldFault("at_time", "must be a time such as 2025-11-11T12:00:00Z")
        }
        return .moment(time)
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
