import RoomCore
import RoomStorage

extension PostgresRecord {
    package func snapshot(
        of room: RoomID, atOrBefore revision: Revision?
    ) async throws(StoreError) -> StoredSnapshot? {
        let statement = PostgresStatement(
            """
            SELECT s.epoch, s.revision, s.at, s.body
            FROM rooms AS r JOIN snapshots AS s ON s.room_id = r.id AND s.epoch = r.epoch
            WHERE r.id = $1 AND s.revision BETWEEN r.floor AND $2 ORDER BY s.revision DESC LIMIT 1
            """, room, revision ?? Revision(.max))
        return try await first(statement) { row in
            StoredSnapshot(
                room: room, epoch: row.name(0), revision: row.revision(1), at: row.moment(2), body: row.bytes(3))
        }
    }

    package func store(_ snapshot: StoredSnapshot) async throws(StoreError) {
        try await write(
            Self.lock(snapshot.room),
            PostgresStatement(
                """
                INSERT INTO snapshots (room_id, epoch, revision, at, body)
                SELECT id, epoch, $3, $4, $5 FROM rooms WHERE id = $1 AND epoch = $2 AND $3 BETWEEN floor AND revision
                ON CONFLICT (room_id, epoch, revision) DO UPDATE SET at = excluded.at, body = excluded.body
                """, snapshot.room, snapshot.epoch, snapshot.revision, snapshot.at, snapshot.body))
    }
}

// MARK: - Compaction

extension PostgresRecord {
    /// Rows one commit drops, so that a room's appends never wait for its whole history.
    private static var rowsPerStep: Int { 1_000 }

    package func compact(_ room: RoomID, below floor: Revision) async throws(StoreError) {
        try await write(Self.lock(room), Self.raiseFloor(of: room, to: floor))
        // From here on reads show nothing below the floor; what a crash leaves behind, the next compaction drops.
        let steps = [Self.dropChanges(of: room), Self.dropSnapshots(of: room)]
        for step in steps { while try await write(step, isLong: true) == Self.rowsPerStep {} }
    }

    private static func raiseFloor(of room: RoomID, to wanted: Revision) -> PostgresStatement {
        PostgresStatement(
            """
            UPDATE rooms AS r SET floor = s.revision, floor_at = coalesce(
                (SELECT c.at FROM changes AS c WHERE c.room_id = r.id AND c.revision = s.revision), s.at)
            FROM (
                SELECT n.revision, n.at FROM snapshots AS n JOIN rooms AS o ON o.id = n.room_id AND o.epoch = n.epoch
                WHERE o.id = $1 AND n.revision <= least($2, o.revision) ORDER BY n.revision DESC LIMIT 1) AS s
            WHERE r.id = $1 AND s.revision > r.floor
            """, room, wanted)
    }

    private static func dropChanges(of room: RoomID) -> PostgresStatement {
        PostgresStatement(
            """
            DELETE FROM changes WHERE room_id = $1 AND revision IN (
                SELECT c.revision FROM changes AS c JOIN rooms AS r ON r.id = c.room_id
                WHERE c.room_id = $1 AND c.revision <= r.floor ORDER BY c.revision LIMIT $2)
            """, room, rowsPerStep)
    }

    private static func dropSnapshots(of room: RoomID) -> PostgresStatement {
        PostgresStatement(
            """
            DELETE FROM snapshots WHERE room_id = $1 AND (epoch, revision) IN (
                SELECT s.epoch, s.revision FROM snapshots AS s JOIN rooms AS r ON r.id = s.room_id
                WHERE s.room_id = $1 AND (s.revision < r.floor OR s.epoch <> r.epoch) LIMIT $2)
            """, room, rowsPerStep)
    }
}

// MARK: - A new epoch

extension PostgresRecord {
    package func restart(from snapshot: StoredSnapshot) async throws(StoreError) -> Bool {
        let isEmpty = snapshot.revision == .zero
        let statements =
            [Self.lock(snapshot.room)] + Self.clearing(snapshot.room, before: snapshot.epoch) + [
                PostgresStatement(
                    """
                    WITH begun AS (
                        UPDATE rooms SET epoch = $2, revision = $3, floor = $3, floor_at = $4, append_id = NULL
                        WHERE id = $1 AND epoch <> $2 RETURNING id
                    )
                    INSERT INTO snapshots (room_id, epoch, revision, at, body) SELECT id, $2, $3, $5, $6 FROM begun
                    """, snapshot.room, snapshot.epoch, snapshot.revision, isEmpty ? nil : snapshot.at, snapshot.at,
                    snapshot.body)
            ]
        return try await perform(statements, .repeatableWrite, isLong: true) { $0.first?.count == 1 }
    }

    /// Drops what a room holds, unless it is in this epoch already.
    private static func clearing(_ room: RoomID, before epoch: Epoch) -> [PostgresStatement] {
        let condition = "WHERE room_id = $1 AND EXISTS (SELECT FROM rooms WHERE id = $1 AND epoch <> $2)"
        return ["changes", "snapshots", "receipts"].map { table in
            PostgresStatement("DELETE FROM \(table) \(condition)", room, epoch)
        }
    }
}
