/// A value of a model, or one that a query compares it with.
package enum SearchValue: Hashable, Sendable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case time(Timestamp)
}

extension SearchValue {
    /// A time as a query may write it: ISO 8601 with its zone, or a day, which begins at midnight UTC.
    static func time(_ text: String) -> Timestamp? {
        Timestamp(text) ?? (text.utf8.count == 10 ? Timestamp("\(text)T00:00:00Z") : nil)
    }

    /// Whether a model's value is the one asked for. A text is a time where a time is asked for.
    func equals(_ asked: SearchValue) -> Bool {
        switch (self, asked) {
        case (.text(let text), .time(let time)): Self.time(text) == time
        case (.text(let a), .text(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.flag(let a), .flag(let b)): a == b
        case (.time(let a), .time(let b)): a == b
        case (.text, _), (.number, _), (.flag, _), (.time, _): false
        }
    }

    /// Whether a model's value comes before the one asked for; nil where the two cannot be put in an order.
    func precedes(_ asked: SearchValue) -> Bool? {
        switch (self, asked) {
        case (.text(let text), .time(let time)): Self.time(text).map { $0 < time }
        case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.number(let a), .number(let b)): a < b
        case (.time(let a), .time(let b)): a < b
        case (.text, _), (.number, _), (.flag, _), (.time, _): nil
        }
    }

    /// What numbers and times are sorted by in an index; equal for values that differ by less than it can tell.
    var sortKey: Double? {
        switch self {
        case .number(let number): number
        case .time(let time): Double(time.microseconds)
        case .text, .flag: nil
        }
    }
}
