import CSQLite
import RoomStorage

/// One open database: the only owner of SQLite's pointers.
///
/// It is not `Sendable` and has no lock: ``ConnectionQueue`` keeps each connection on a queue of its own.
final class SQLiteConnection {
    enum Access {
        case readAndWrite
        case read
    }

    let path: String
    private let pointer: OpaquePointer
    /// Prepared once, found again by the address of the literal they were written as.
    private var statements: [Int: SQLiteStatement] = [:]

    init(path: String, access: Access, limits: RecordLimits) throws(StoreError) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(
            path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            nil)
        guard code == SQLITE_OK, let opened else {
            let error = StoreError(sqlite: code, message: opened.map(Self.message) ?? "no memory", path: path)
            sqlite3_close_v2(opened)
            throw error
        }
        self.path = path
        pointer = opened
        waitForOthers(milliseconds: limits.busyMilliseconds)
        try configure(access, limits)
    }

    /// How long a call waits for another process' or connection's write from now on.
    func waitForOthers(milliseconds: Int) { sqlite3_busy_timeout(pointer, Int32(clamping: milliseconds)) }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(pointer)
    }

    /// `synchronous = FULL` makes a commit outlive the power; a larger log than SQLite's default lets a page that many
    /// commits touch be written home once.
    private func configure(_ access: Access, _ limits: RecordLimits) throws(StoreError) {
        let mode = try first("PRAGMA journal_mode = WAL") { $0.text(0) }
        guard mode == "wal" else {
            throw .unavailable(
                "\(path) cannot keep a write-ahead log where it is: move the data directory to a local disk")
        }
        try execute(
            script: """
                PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
                PRAGMA wal_autocheckpoint = \(limits.logPages); PRAGMA journal_size_limit = 67108864;
                PRAGMA cache_size = -\(access == .read ? limits.readCacheKilobytes : limits.writeCacheKilobytes);
                PRAGMA mmap_size = \(limits.mappedBytes); PRAGMA query_only = \(access == .read ? 1 : 0);
                """)
    }

    private static func message(of pointer: OpaquePointer) -> String { String(cString: sqlite3_errmsg(pointer)) }

    /// What the last call ran into.
    func failure(_ code: Int32) -> StoreError {
        StoreError(sqlite: code, message: Self.message(of: pointer), path: path)
    }
}

// MARK: - Statements

extension SQLiteConnection {
    /// Runs a statement to its end and returns how many rows it changed.
    @discardableResult
    func execute<each Value: SQLiteBindable>(
        _ sql: StaticString, _ values: repeat each Value
    ) throws(StoreError) -> Int {
        let statement = try prepared(sql)
        defer { statement.reset() }
        try check(statement.bind(repeat each values))
        while try advance(statement) {}
        return Int(sqlite3_changes64(pointer))
    }

    /// The first row, if there is one.
    func first<Row, each Value: SQLiteBindable>(
        _ sql: StaticString, _ values: repeat each Value, read: (SQLiteStatement) throws(StoreError) -> Row
    ) throws(StoreError) -> Row? {
        let statement = try prepared(sql)
        defer { statement.reset() }
        try check(statement.bind(repeat each values))
        return try advance(statement) ? try read(statement) : nil
    }

    /// Every row; the statement bounds their number.
    func rows<Row, each Value: SQLiteBindable>(
        _ sql: StaticString, _ values: repeat each Value, read: (SQLiteStatement) throws(StoreError) -> Row
    ) throws(StoreError) -> [Row] {
        let statement = try prepared(sql)
        defer { statement.reset() }
        try check(statement.bind(repeat each values))
        var rows: [Row] = []
        while try advance(statement) { rows.append(try read(statement)) }
        return rows
    }

    /// Runs text of several statements: settings and migrations, never anything that came from outside.
    func execute(script: String) throws(StoreError) {
        try check(sqlite3_exec(pointer, script, nil, nil, nil))
    }

    private func prepared(_ sql: StaticString) throws(StoreError) -> SQLiteStatement {
        let key = Int(bitPattern: sql.utf8Start)
        if let statement = statements[key] { return statement }
        var made: OpaquePointer?
        let code = sql.utf8Start.withMemoryRebound(to: CChar.self, capacity: sql.utf8CodeUnitCount) { text in
            sqlite3_prepare_v3(
                pointer, text, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        }
        guard code == SQLITE_OK, let made else { throw failure(code) }
        let statement = SQLiteStatement(made)
        statements[key] = statement
        return statement
    }

    /// True when the statement stands on a row.
    private func advance(_ statement: SQLiteStatement) throws(StoreError) -> Bool {
        switch statement.step() {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    private func check(_ code: Int32) throws(StoreError) {
        guard code == SQLITE_OK else { throw failure(code) }
    }
}

// MARK: - Transactions

extension SQLiteConnection {
    /// One transaction: committed when `body` returns, undone when it or the commit fails.
    func transaction<Answer>(_ body: () throws(StoreError) -> Answer) throws(StoreError) -> Answer {
        try execute("BEGIN IMMEDIATE")
        do throws(StoreError) {
            let answer = try body()
            try execute("COMMIT")
            return answer
        } catch {
            rollBack()
            throw error
        }
    }

    /// One transaction that sees one moment of the record.
    func reading<Answer>(_ body: () throws(StoreError) -> Answer) throws(StoreError) -> Answer {
        try execute("BEGIN DEFERRED")
        defer { rollBack() }
        return try body()
    }

    /// Undoes `body` alone when it fails, inside a transaction that goes on.
    func guarded<Answer>(_ body: () throws(StoreError) -> Answer) throws(StoreError) -> Answer {
        try execute("SAVEPOINT write")
        do throws(StoreError) {
            let answer = try body()
            try execute("RELEASE write")
            return answer
        } catch {
            if isInTransaction {
                try execute("ROLLBACK TO write")
                try execute("RELEASE write")
            }
            throw error
        }
    }

    /// False also after SQLite undid a transaction by itself, as it does when the disk is full.
    var isInTransaction: Bool { sqlite3_get_autocommit(pointer) == 0 }

    private func rollBack() {
        guard isInTransaction else { return }
        _ = try? execute("ROLLBACK")
    }
}
