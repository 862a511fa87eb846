import RoomCore
import RoomStorage

/// Brings a database to the schema this program knows, or refuses it.
struct SchemaMigrations {
    let known: [SchemaMigration]
    let sha256: @Sendable ([UInt8]) -> String
    let moment: Timestamp

    /// Applies what is missing, each migration with its row in one transaction: two processes may do so at once.
    func apply(to connection: SQLiteConnection) throws(StoreError) {
        try connection.transaction { () throws(StoreError) in try prepareLedger(of: connection) }
        for migration in known {
            try connection.transaction { () throws(StoreError) in
                try verify(connection)
                guard try checksum(of: migration.number, in: connection) == nil else { return }
                try connection.execute(script: String(decoding: migration.sql, as: UTF8.self))
                try connection.execute(
                    "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
                    migration.number, migration.name, sha256(migration.sql), moment)
            }
        }
    }

    private func prepareLedger(of connection: SQLiteConnection) throws(StoreError) {
        let hasLedger =
            try connection.first("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'") { _ in true } ?? false
        guard !hasLedger else { return try verify(connection) }
        let tables = try connection.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } ?? 0
        guard tables == 0 else {
            throw .corrupt("\(connection.path) is another program's database: name another file for the record")
        }
        try connection.execute(
            script: """
                CREATE TABLE schema_migrations (
                    number INTEGER NOT NULL PRIMARY KEY,
                    name TEXT NOT NULL,
                    checksum TEXT NOT NULL,
                    applied_at INTEGER NOT NULL
                ) STRICT
                """)
    }

    /// Every applied migration must be known, and read as it did when it was applied.
    private func verify(_ connection: SQLiteConnection) throws(StoreError) {
        let newest = known.map(\.number).max() ?? 0
        let applied = try connection.rows("SELECT number, checksum FROM schema_migrations ORDER BY number DESC") {
            (number: $0.integer(0), checksum: $0.text(1))
        }
        for row in applied {
            guard let migration = known.first(where: { $0.number == row.number }) else {
                guard row.number > newest else { throw .migrationMismatch(number: row.number) }
                throw .newerSchema(found: row.number, known: newest)
            }
            guard sha256(migration.sql) == row.checksum else { throw .migrationMismatch(number: row.number) }
        }
    }

    private func checksum(of number: Int, in connection: SQLiteConnection) throws(StoreError) -> String? {
        try connection.first("SELECT checksum FROM schema_migrations WHERE number = ?", number) { $0.text(0) }
    }
}
