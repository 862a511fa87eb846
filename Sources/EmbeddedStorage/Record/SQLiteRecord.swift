import RoomCore
import RoomStorage

/// The record in one SQLite file: every user, room and change.
///
/// One connection writes, with group commit (``WriteQueue``); a few read beside it (``ReadPool``) and never wait for
/// it. Each has a queue of its own, so no call blocks Swift's threads. The rest is split by what is asked:
/// `SQLiteRecord+Appends`, `+History`, `+Snapshots`, `+Receipts`, `+Sightings` keep ``ManifestStore``;
/// `+Users`, `+Rooms`, `+Members`, `+WorkerTokens`, `+AccountKeys`, `+PublicKeys` keep ``AccountStore``; `+Backups` and
/// `+Restoring` keep ``BackupSource``.
package final class SQLiteRecord: Sendable {
    private let writes: WriteQueue
    private let reads: ReadPool

    private init(writes: WriteQueue, reads: ReadPool) {
        self.writes = writes
        self.reads = reads
    }

    /// Opens the file, making it when there is none, and applies the migrations it lacks.
    ///
    /// - Parameter moment: what new migrations are noted with.
    /// - Parameter sha256: the digest of bytes as lowercase hex.
    package static func open(
        at path: String, limits: RecordLimits = RecordLimits(),
        migrations: [SchemaMigration] = SchemaMigration.embedded,
        moment: Timestamp, sha256: @escaping @Sendable ([UInt8]) -> String
    ) async throws(StoreError) -> SQLiteRecord {
        let schema = SchemaMigrations(known: migrations, sha256: sha256, moment: moment)
        let writer = ConnectionQueue(label: "record.write")
        try await writer.open { () throws(StoreError) in
            let connection = try SQLiteConnection(path: path, access: .readAndWrite, limits: limits)
            // Several processes may make the record at once, and whoever comes last waits for every step of all others.
            connection.waitForOthers(milliseconds: limits.busyMilliseconds * 6)
            try schema.apply(to: connection)
            connection.waitForOthers(milliseconds: limits.busyMilliseconds)
            return connection
        }
        var readers: [ConnectionQueue] = []
        for number in 0..<max(1, limits.readers) {
            let reader = ConnectionQueue(label: "record.read.\(number)")
            try await reader.open { () throws(StoreError) in
                try SQLiteConnection(path: path, access: .read, limits: limits)
            }
            readers.append(reader)
        }
        return SQLiteRecord(
            writes: WriteQueue(writer, limits: limits), reads: ReadPool(readers, waitingLimit: limits.waitingReads))
    }

    /// Finishes what was asked before and closes the file; what is asked afterwards is refused as closed.
    package func close() async {
        await reads.close()
        await writes.close()
    }

    package var counters: RecordCounters { writes.counters }

    /// Writes a page that says what it said before: throws while the file cannot be written.
    package func probe() async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute(script: "PRAGMA user_version = 0")
        }
    }

    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        try await reads.read(body)
    }

    /// - Parameter bytes: about how much is written, beside the few hundred bytes every row takes.
    @discardableResult
    func write<Answer: Sendable>(
        bytes: Int = 0, _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        try await writes.write(bytes: bytes + 256, body)
    }
}

extension SQLiteRecord: Record {
    package var counts: RecordCounts {
        let counters = counters
        return RecordCounts(
            writes: counters.writes, commits: counters.commits, failures: counters.failedCommits)
    }

    package func condition() async -> StoreState {
        do throws(StoreError) {
            try await probe()
            return .reachable
        } catch {
            return .away("\(error)")
        }
    }
}
