import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func snapshot(
        of room: RoomID, atOrBefore revision: Revision?
    ) async throws(StoreError) -> StoredSnapshot? {
        try await read { connection throws(StoreError) in
            try Self.snapshot(of: room, atOrBefore: revision ?? Revision(.max), on: connection)
        }
    }

    package func store(_ snapshot: StoredSnapshot) async throws(StoreError) {
        try await write(bytes: snapshot.body.count) { connection throws(StoreError) in
            try connection.execute(
                """
                INSERT INTO snapshots (room_id, epoch, revision, at, body)
                SELECT id, epoch, ?3, ?4, ?5 FROM rooms WHERE id = ?1 AND epoch = ?2 AND ?3 BETWEEN floor AND revision
                ON CONFLICT (room_id, epoch, revision) DO UPDATE SET at = excluded.at, body = excluded.body
                """,
                snapshot.room, snapshot.epoch, snapshot.revision, snapshot.at, snapshot.body)
        }
    }

    private static func snapshot(
        of room: RoomID, atOrBefore revision: Revision, on connection: SQLiteConnection
    ) throws(StoreError) -> StoredSnapshot? {
        try connection.first(
            """
            SELECT s.epoch, s.revision, s.at, s.body
            FROM rooms AS r CROSS JOIN snapshots AS s ON s.room_id = r.id AND s.epoch = r.epoch
            WHERE r.id = ?1 AND s.revision BETWEEN r.floor AND ?2 ORDER BY s.revision DESC LIMIT 1
            """,
            room, revision
        ) { row in
            StoredSnapshot(
                room: room, epoch: row.name(0), revision: row.revision(1), at: row.moment(2), body: row.bytes(3))
        }
    }
}

// MARK: - Compaction

extension SQLiteRecord {
    /// Rows one commit drops, so that appends wait a moment and not for the whole history.
    private static var rowsPerStep: Int { 1_000 }

    package func compact(_ room: RoomID, below floor: Revision) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try Self.raiseFloor(of: room, to: floor, on: connection)
        }
        // From here on reads show nothing below the floor; what a crash leaves behind, the next compaction drops.
        while try await write({ connection throws(StoreError) in try Self.dropStep(of: room, on: connection) }) {}
    }

    private static func raiseFloor(
        of room: RoomID, to wanted: Revision, on connection: SQLiteConnection
    ) throws(StoreError) {
        guard let head = try head(of: room, on: connection) else { return }
        let bound = min(wanted, head.revision)
        let reached = try connection.first(
            """
            SELECT revision, at FROM snapshots WHERE room_id = ? AND epoch = ? AND revision <= ?
            ORDER BY revision DESC LIMIT 1
            """, room, head.epoch, bound
        ) { row in (revision: row.revision(0), at: row.moment(1)) }
        guard let reached, reached.revision > head.floor else { return }
        try connection.execute(
            "UPDATE rooms SET floor = ?2, floor_at = ?3 WHERE id = ?1", room, reached.revision,
            try moment(of: reached.revision.number, in: room, on: connection))
    }

    /// True when there may be more to drop.
    private static func dropStep(of room: RoomID, on connection: SQLiteConnection) throws(StoreError) -> Bool {
        guard let head = try head(of: room, on: connection) else { return false }
        let changes = try connection.execute(
            """
            DELETE FROM changes WHERE rowid IN (
                SELECT rowid FROM changes WHERE room_id = ? AND revision <= ? ORDER BY revision LIMIT ?)
            """, room, head.floor, rowsPerStep)
        let snapshots = try connection.execute(
            """
            DELETE FROM snapshots WHERE rowid IN (
                SELECT rowid FROM snapshots WHERE room_id = ? AND (revision < ? OR epoch <> ?) LIMIT ?)
            """, room, head.floor, head.epoch, rowsPerStep)
        return changes == rowsPerStep || snapshots == rowsPerStep
    }
}

// MARK: - A new epoch

extension SQLiteRecord {
    package func restart(from snapshot: StoredSnapshot) async throws(StoreError) -> Bool {
        try await write(bytes: snapshot.body.count) { connection throws(StoreError) in
            guard let head = try Self.head(of: snapshot.room, on: connection) else { return false }
            if head.epoch != snapshot.epoch { try Self.restart(from: snapshot, on: connection) }
            return true
        }
    }

    private static func restart(
        from snapshot: StoredSnapshot, on connection: SQLiteConnection
    ) throws(StoreError) {
        for clear: StaticString in [
            "DELETE FROM changes WHERE room_id = ?", "DELETE FROM snapshots WHERE room_id = ?",
            "DELETE FROM receipts WHERE room_id = ?",
        ] {
            try connection.execute(clear, snapshot.room)
        }
        let isEmpty = snapshot.revision == .zero
        try connection.execute(
            "UPDATE rooms SET epoch = ?2, revision = ?3, floor = ?3, floor_at = ?4 WHERE id = ?1",
            snapshot.room, snapshot.epoch, snapshot.revision, isEmpty ? nil : snapshot.at)
        try connection.execute(
            "INSERT INTO snapshots (room_id, epoch, revision, at, body) VALUES (?, ?, ?, ?, ?)",
            snapshot.room, snapshot.epoch, snapshot.revision, snapshot.at, snapshot.body)
    }
}
