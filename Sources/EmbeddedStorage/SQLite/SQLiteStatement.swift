import CSQLite
import RoomCore

/// One prepared statement and, between two steps, the row it stands on.
///
/// Columns count from 0, as in SQLite. A statement belongs to its connection's queue and never leaves it.
final class SQLiteStatement {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { sqlite3_finalize(pointer) }

    /// Binds all values from the first `?` on; returns the first answer that is not OK.
    func bind<each Value: SQLiteBindable>(_ values: repeat each Value) -> Int32 {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            let code = value.bind(to: pointer, at: index)
            if code != SQLITE_OK { return code }
        }
        return SQLITE_OK
    }

    func step() -> Int32 { sqlite3_step(pointer) }

    /// Ends the read this statement holds open; a statement left standing would hide later commits from its connection.
    func reset() { sqlite3_reset(pointer) }
}

// MARK: - Columns

extension SQLiteStatement {
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int { Int(sqlite3_column_int64(pointer, column)) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(pointer, column) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(pointer, column) else { return [] }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    func revision(_ column: Int32) -> Revision { Revision(max(0, integer(column))) }

    func moment(_ column: Int32) -> Timestamp { Timestamp(microseconds: sqlite3_column_int64(pointer, column)) }

    func optionalMoment(_ column: Int32) -> Timestamp? { isNull(column) ? nil : moment(column) }

    /// A name that was checked before it was stored.
    func name<Name: ValidatedText>(_ column: Int32) -> Name { Name(trusted: text(column)) }

    func optionalName<Name: ValidatedText>(_ column: Int32) -> Name? { isNull(column) ? nil : name(column) }
}
