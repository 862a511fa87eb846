import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func changes(
        of room: RoomID, after revision: Revision, limit: Int, subject: ChangeSubject?
    ) async throws(StoreError) -> [StoredChange] {
        let limit = max(0, limit)
        return try await read { connection throws(StoreError) in
            switch subject {
            case nil: try Self.changes(of: room, after: revision, limit: limit, on: connection)
            case .model(let model):
                try Self.changes(of: room, model: model, after: revision, limit: limit, on: connection)
            case .alias(let alias):
                try Self.changes(of: room, alias: alias, after: revision, limit: limit, on: connection)
            }
        }
    }

    private static func changes(
        of room: RoomID, after revision: Revision, limit: Int, on connection: SQLiteConnection
    ) throws(StoreError) -> [StoredChange] {
        try connection.rows(
            """
            SELECT revision, at, kind, model_id, other_model_id, alias, body FROM changes
            WHERE room_id = ?1 AND revision > max(?2, (SELECT floor FROM rooms WHERE id = ?1))
            ORDER BY revision LIMIT ?3
            """,
            room, revision, limit, read: change)
    }

    /// Walks two indexes side by side, so that a page costs what it holds, however long the history.
    private static func changes(
        of room: RoomID, model: ModelID, after revision: Revision, limit: Int, on connection: SQLiteConnection
    ) throws(StoreError) -> [StoredChange] {
        try connection.rows(
            """
            WITH found (revision) AS (
                SELECT revision FROM changes WHERE room_id = ?1 AND model_id = ?4
                    AND revision > max(?2, (SELECT floor FROM rooms WHERE id = ?1))
                UNION
                SELECT revision FROM changes WHERE room_id = ?1 AND other_model_id = ?4
                    AND revision > max(?2, (SELECT floor FROM rooms WHERE id = ?1))
                ORDER BY revision LIMIT ?3)
            SELECT c.revision, c.at, c.kind, c.model_id, c.other_model_id, c.alias, c.body
            FROM found CROSS JOIN changes AS c ON c.room_id = ?1 AND c.revision = found.revision
            ORDER BY found.revision
            """,
            room, revision, limit, model, read: change)
    }

    private static func changes(
        of room: RoomID, alias: Alias, after revision: Revision, limit: Int, on connection: SQLiteConnection
    ) throws(StoreError) -> [StoredChange] {
        try connection.rows(
            """
            WITH found (revision) AS (
                SELECT revision FROM changes WHERE room_id = ?1 AND alias = ?4
                    AND revision > max(?2, (SELECT floor FROM rooms WHERE id = ?1))
                UNION
                SELECT w.revision FROM (SELECT DISTINCT model_id FROM changes WHERE room_id = ?1 AND alias = ?4) AS h
                    CROSS JOIN changes AS w ON w.room_id = ?1 AND w.model_id = h.model_id
                    WHERE w.kind = 'withdrawn' AND w.revision > max(?2, (SELECT floor FROM rooms WHERE id = ?1))
                ORDER BY revision LIMIT ?3)
            SELECT c.revision, c.at, c.kind, c.model_id, c.other_model_id, c.alias, c.body
            FROM found CROSS JOIN changes AS c ON c.room_id = ?1 AND c.revision = found.revision
            ORDER BY found.revision
            """,
            room, revision, limit, alias, read: change)
    }

    private static func change(_ row: SQLiteStatement) -> StoredChange {
        StoredChange(
            revision: row.revision(0), at: row.moment(1), kind: row.text(2), model: row.name(3),
            otherModel: row.optionalName(4), alias: row.optionalName(5), body: row.bytes(6))
    }
}

// MARK: - A moment

extension SQLiteRecord {
    package func revision(of room: RoomID, at moment: Timestamp) async throws(StoreError) -> Revision {
        try await read { connection throws(StoreError) in
            try connection.reading { () throws(StoreError) in
                try Self.revision(of: room, at: moment, on: connection)
            }
        }
    }

    /// Bisects the kept revisions, whose moments rise with them.
    private static func revision(
        of room: RoomID, at moment: Timestamp, on connection: SQLiteConnection
    ) throws(StoreError) -> Revision {
        let span = try connection.first("SELECT floor, revision, floor_at FROM rooms WHERE id = ?", room) { row in
            (floor: row.integer(0), head: row.integer(1), floorAt: row.optionalMoment(2))
        }
        guard let span else { return .zero }
        var known = span.floor
        var beyond = span.head + 1
        while beyond - known > 1 {
            let middle = known + (beyond - known) / 2
            if try self.moment(of: middle, in: room, on: connection) <= moment {
                known = middle
            } else {
                beyond = middle
            }
        }
        if known == span.floor, let floorAt = span.floorAt, floorAt > moment { return .zero }
        return Revision(known)
    }

    static func moment(
        of revision: Int, in room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) -> Timestamp {
        let moment = try connection.first("SELECT at FROM changes WHERE room_id = ? AND revision = ?", room, revision) {
            $0.moment(0)
        }
        guard let moment else {
            throw .corrupt("change \(revision) of room \(room) is missing from \(connection.path): restore a backup")
        }
        return moment
    }
}
