/// One statement with the values that stand for its `$1`, `$2`, …
///
/// Each connection prepares a text when it first meets it, so the texts must be a closed set: what varies is a value.
struct PostgresStatement: Sendable {
    struct Value: Sendable {
        let type: PostgresType
        let bytes: [UInt8]?
    }

    let sql: String
    let values: [Value]

    init<each Bindable: PostgresBindable>(_ sql: String, _ bindables: repeat each Bindable) {
        self.sql = sql
        var values: [Value] = []
        func add<One: PostgresBindable>(_ one: One) {
            values.append(Value(type: One.postgresType, bytes: one.postgresBytes))
        }
        repeat add(each bindables)
        self.values = values
    }

    /// About how much it sends.
    var bytes: Int { values.reduce(64) { $0 + ($1.bytes?.count ?? 0) + 8 } }

    /// PostgreSQL keeps no NUL in a text: a value with one would fail everything it is sent with.
    var holdsNUL: Bool { values.contains { $0.type == .text && $0.bytes?.contains(0) == true } }
}
