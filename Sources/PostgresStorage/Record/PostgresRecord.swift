import RoomCore
import RoomStorage
import Synchronization

/// The record in a PostgreSQL database, which any number of servers share: every user, room and change.
///
/// One connection appends, with group commit (``AppendQueue``); a few take everything else, many requests under way at
/// once on each (``ConnectionPool``). Each has a queue of its own, so no call blocks Swift's threads. A connection that
/// is lost is made anew; while the database is away, requests are refused at once. The rest is split by what is asked:
/// `PostgresRecord+Appends`, `+History`, `+Snapshots`, `+Receipts`, `+Sightings` keep ``ManifestStore``;
/// `+Users`, `+Rooms`, `+Members`, `+WorkerTokens`, `+AccountKeys` keep ``AccountStore``.
package final class PostgresRecord: Sendable {
    let pool: ConnectionPool
    let appends: AppendQueue
    let limits: PostgresLimits
    private let isClosed = Atomic(false)

    private init(pool: ConnectionPool, appends: AppendQueue, limits: PostgresLimits) {
        self.pool = pool
        self.appends = appends
        self.limits = limits
    }

    /// Connects, and brings the schema to what this program knows or refuses it.
    ///
    /// - Parameter url: a URI as libpq takes it, several hosts and TLS included.
    /// - Parameter migrate: whether migrations that lack are applied; else the record is refused as long as some do.
    /// - Parameter moment: what new migrations are noted with.
    /// - Parameter sha256: the digest of bytes as lowercase hex.
    /// - Parameter onEvent: what happens to connections, for logs; called on their queues, so it must not wait.
    package static func open(
        url: String, migrate: Bool = true, limits: PostgresLimits = PostgresLimits(),
        migrations: [SchemaMigration] = SchemaMigration.embedded,
        moment: Timestamp, sha256: @escaping @Sendable ([UInt8]) -> String,
        onEvent: @escaping @Sendable (PostgresEvent) -> Void = { _ in }
    ) async throws(StoreError) -> PostgresRecord {
        let address = try PostgresAddress(url)
        let schema = SchemaMigrations(known: migrations, sha256: sha256, moment: moment)
        try await schema.bring(address, limits: limits, applying: migrate)
        let pool = ConnectionPool(address, limits: limits, onEvent: onEvent)
        do throws(StoreError) {
            try await pool.start()
        } catch {
            await pool.close()
            throw error
        }
        return PostgresRecord(
            pool: pool, appends: AppendQueue(pool.writer, limits: limits, onEvent: onEvent), limits: limits)
    }

    /// Migrations the database lacks; it is left as it is.
    package static func pendingMigrations(
        url: String, limits: PostgresLimits = PostgresLimits(),
        migrations: [SchemaMigration] = SchemaMigration.embedded,
        sha256: @escaping @Sendable ([UInt8]) -> String
    ) async throws(StoreError) -> [SchemaMigration] {
        let schema = SchemaMigrations(known: migrations, sha256: sha256, moment: Timestamp(microseconds: 0))
        return try await schema.pending(try PostgresAddress(url), limits: limits)
    }

    /// Finishes what was asked before and ends the connections; what is asked afterwards is refused as closed.
    package func close() async {
        isClosed.store(true, ordering: .relaxed)
        await appends.close()
        await pool.close()
    }

    package var counters: PostgresCounters { appends.counters }

    /// What the connections know just now, without asking the server.
    package var state: StoreState { pool.state }

    /// The state now, and every change from now on; a slow listener misses all but the newest.
    package func stateChanges() -> AsyncStream<StoreState> { pool.stateChanges() }

    /// Writes a row that says what it said before, on the connection that appends: throws while that cannot be done.
    package func probe() async throws(StoreError) {
        let statement = PostgresStatement(
            """
            UPDATE schema_migrations SET applied_at = applied_at
            WHERE number = (SELECT max(number) FROM schema_migrations)
            """)
        try await perform([statement], .repeatableWrite, on: pool.writer) { _ in }
    }

    func checkOpen() throws(StoreError) {
        guard !isClosed.load(ordering: .relaxed) else { throw .closed }
    }
}

extension PostgresRecord: Record {
    package var counts: RecordCounts {
        let counters = counters
        return RecordCounts(
            writes: counters.writes, commits: counters.commits, failures: counters.failedCommits)
    }

    package func condition() async -> StoreState { state }
}
