import RoomCore
import RoomStorage

/// Brings a database to the schema this program knows, or refuses it.
///
/// It works on a connection of its own, by scripts, and one server at a time: an advisory lock makes others wait, and
/// ends with the connection.
struct SchemaMigrations {
    let known: [SchemaMigration]
    let sha256: @Sendable ([UInt8]) -> String
    let moment: Timestamp

    /// "sleap" in ASCII; locks of different databases do not meet.
    private static let lock = 0x73_6C65_6170

    func bring(
        _ address: PostgresAddress, limits: PostgresLimits, applying: Bool
    ) async throws(StoreError) {
        try await connected(address, limits) { connection throws(StoreError) in
            var pending = try await verify(connection)
            guard !pending.isEmpty else { return }
            guard applying else { throw lacking(pending) }
            try await connection.run("SELECT pg_advisory_lock(\(Self.lock))")
            // Another server may have applied them while this one waited.
            pending = try await verify(connection)
            if pending.count == known.count { try await prepareLedger(connection) }
            for migration in pending { try await apply(migration, connection) }
        }
    }

    func pending(
        _ address: PostgresAddress, limits: PostgresLimits
    ) async throws(StoreError) -> [SchemaMigration] {
        try await connected(address, limits) { connection throws(StoreError) in try await verify(connection) }
    }

    private func connected<Answer>(
        _ address: PostgresAddress, _ limits: PostgresLimits,
        _ body: (ScriptConnection) async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let connection = ScriptConnection(address, limits: limits)
        do throws(StoreError) {
            try await connection.start()
            let answer = try await body(connection)
            await connection.close()
            return answer
        } catch {
            await connection.close()
            throw error
        }
    }

    private func lacking(_ pending: [SchemaMigration]) -> StoreError {
        let names = pending.map { "\($0.number) (\($0.name))" }.joined(separator: ", ")
        return .unavailable("the database lacks the migrations \(names): run the migrate command")
    }

    /// Gives what is not applied yet; what is must be known, and read as it did when it was applied.
    private func verify(_ connection: ScriptConnection) async throws(StoreError) -> [SchemaMigration] {
        let schema = try await connection.rows(
            "SELECT coalesce(to_regclass(quote_ident(current_schema()) || '.schema_migrations')::text, '')")
        guard schema.first?.first?.isEmpty == false else { return known }
        let newest = known.map(\.number).max() ?? 0
        var applied = Set<Int>()
        let rows = try await connection.rows("SELECT number, checksum FROM schema_migrations ORDER BY number DESC")
        for row in rows {
            let number = Int(row[0]) ?? 0
            guard let migration = known.first(where: { $0.number == number }) else {
                guard number > newest else { throw .migrationMismatch(number: number) }
                throw .newerSchema(found: number, known: newest)
            }
            guard sha256(migration.sql) == row[1] else { throw .migrationMismatch(number: number) }
            applied.insert(number)
        }
        return known.filter { !applied.contains($0.number) }
    }

    private func prepareLedger(_ connection: ScriptConnection) async throws(StoreError) {
        // Tables that an extension brought are nobody's data.
        let state = try await connection.rows(
            """
            SELECT coalesce(current_schema(), ''),
                to_regclass(quote_ident(current_schema()) || '.schema_migrations') IS NOT NULL,
                (SELECT count(*) FROM pg_class AS c
                WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
                    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
                        SELECT FROM pg_depend AS d
                        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
            """)
        let row = state.first ?? ["", "f", "0"]
        guard !row[0].isEmpty else {
            throw .unavailable("the database has no schema to work in: create one that is on the role's search_path")
        }
        if row[1] == "t" { return }
        guard row[2] == "0" else {
            throw .corrupt("the schema \(row[0]) holds another program's tables: name another database for the record")
        }
        try await connection.run(
            """
            CREATE TABLE schema_migrations (
                number bigint NOT NULL PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at bigint NOT NULL
            )
            """)
    }

    /// The migration and its row, in one transaction.
    private func apply(_ migration: SchemaMigration, _ connection: ScriptConnection) async throws(StoreError) {
        let values = "\(migration.number), \(quoted(migration.name)), \(quoted(sha256(migration.sql)))"
        try await connection.run(
            """
            BEGIN;
            \(String(decoding: migration.sql, as: UTF8.self))
            ;
            INSERT INTO schema_migrations (number, name, checksum, applied_at)
            VALUES (\(values), \(moment.microseconds));
            COMMIT
            """)
    }

    private func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
