import RoomCore
import RoomStorage

extension PostgresRecord {
    package func changes(
        of room: RoomID, after revision: Revision, limit: Int, subject: ChangeSubject?
    ) async throws(StoreError) -> [StoredChange] {
        let limit = max(0, limit)
        let statement =
            switch subject {
            case nil: Self.changes(of: room, after: revision, limit: limit)
            case .model(let model): Self.changes(of: room, model: model, after: revision, limit: limit)
            case .alias(let alias): Self.changes(of: room, alias: alias, after: revision, limit: limit)
            }
        return try await rows(statement) { row in
            StoredChange(
                revision: row.revision(0), at: row.moment(1), kind: row.text(2), model: row.name(3),
                otherModel: row.optionalName(4), alias: row.optionalName(5), body: row.bytes(6))
        }
    }

    private static func changes(of room: RoomID, after revision: Revision, limit: Int) -> PostgresStatement {
        PostgresStatement(
            """
            SELECT revision, at, kind, model_id, other_model_id, alias, body FROM changes
            WHERE room_id = $1 AND revision > greatest($2, (SELECT floor FROM rooms WHERE id = $1))
            ORDER BY revision LIMIT $3
            """, room, revision, limit)
    }

    /// Walks two indexes side by side, so that a page costs what it holds, however long the history.
    private static func changes(
        of room: RoomID, model: ModelID, after revision: Revision, limit: Int
    ) -> PostgresStatement {
        PostgresStatement(
            """
            WITH found AS MATERIALIZED (
                SELECT revision FROM (
                    (SELECT revision FROM changes WHERE room_id = $1 AND model_id = $4
                        AND revision > greatest($2, (SELECT floor FROM rooms WHERE id = $1))
                        ORDER BY revision LIMIT $3)
                    UNION
                    (SELECT revision FROM changes WHERE room_id = $1 AND other_model_id = $4
                        AND revision > greatest($2, (SELECT floor FROM rooms WHERE id = $1))
                        ORDER BY revision LIMIT $3)) AS either
                ORDER BY revision LIMIT $3)
            SELECT c.revision, c.at, c.kind, c.model_id, c.other_model_id, c.alias, c.body
            FROM found JOIN changes AS c ON c.room_id = $1 AND c.revision = found.revision
            ORDER BY c.revision
            """, room, revision, limit, model)
    }

    private static func changes(
        of room: RoomID, alias: Alias, after revision: Revision, limit: Int
    ) -> PostgresStatement {
        PostgresStatement(
            """
            WITH found AS MATERIALIZED (
                SELECT revision FROM (
                    (SELECT revision FROM changes WHERE room_id = $1 AND alias = $4
                        AND revision > greatest($2, (SELECT floor FROM rooms WHERE id = $1))
                        ORDER BY revision LIMIT $3)
                    UNION
                    (SELECT w.revision
                        FROM (SELECT DISTINCT model_id FROM changes WHERE room_id = $1 AND alias = $4) AS h
                        JOIN changes AS w ON w.room_id = $1 AND w.model_id = h.model_id
                        WHERE w.kind = 'withdrawn'
                            AND w.revision > greatest($2, (SELECT floor FROM rooms WHERE id = $1))
                        ORDER BY w.revision LIMIT $3)) AS either
                ORDER BY revision LIMIT $3)
            SELECT c.revision, c.at, c.kind, c.model_id, c.other_model_id, c.alias, c.body
            FROM found JOIN changes AS c ON c.room_id = $1 AND c.revision = found.revision
            ORDER BY c.revision
            """, room, revision, limit, alias)
    }
}

// MARK: - A moment

extension PostgresRecord {
    /// Bisects the kept revisions, whose moments rise with them, within one statement and so in one state of the room.
    package func revision(of room: RoomID, at moment: Timestamp) async throws(StoreError) -> Revision {
        let statement = PostgresStatement(
            """
            WITH RECURSIVE span AS MATERIALIZED (
                SELECT floor, revision, floor_at FROM rooms WHERE id = $1
            ), search (known, beyond) AS (
                SELECT floor, revision + 1 FROM span
                UNION ALL
                SELECT CASE WHEN c.at <= $2 THEN c.revision ELSE s.known END,
                    CASE WHEN c.at <= $2 THEN s.beyond ELSE c.revision END
                FROM search AS s JOIN changes AS c
                    ON c.room_id = $1 AND c.revision = s.known + (s.beyond - s.known) / 2
                WHERE s.beyond - s.known > 1
            )
            SELECT s.known, s.beyond, span.floor, span.floor_at FROM search AS s, span
            ORDER BY s.beyond - s.known LIMIT 1
            """, room, moment)
        let found = try await first(statement) { row throws(StoreError) -> Revision in
            let (known, beyond) = (row.integer(0), row.integer(1))
            guard beyond - known <= 1 else {
                let missing = known + (beyond - known) / 2
                throw .corrupt("change \(missing) of room \(room) is missing from the database: restore a backup")
            }
            if known == row.integer(2), let floorAt = row.optionalMoment(3), floorAt > moment { return .zero }
            return row.revision(0)
        }
        return found ?? .zero
    }
}
