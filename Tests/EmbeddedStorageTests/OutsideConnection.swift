import CSQLite
import Testing

/// Another program's hold on a database.
final class OutsideConnection {
    private var pointer: OpaquePointer?

    init(_ path: String) throws {
        try #require(sqlite3_open_v2(path, &pointer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK)
        sqlite3_busy_timeout(pointer, 5_000)
    }

    deinit { sqlite3_close_v2(pointer) }

    func run(_ sql: String) throws {
        try #require(
            sqlite3_exec(pointer, sql, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(pointer)))")
    }
}
