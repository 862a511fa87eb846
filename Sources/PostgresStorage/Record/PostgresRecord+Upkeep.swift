import RoomCore
import RoomStorage

extension PostgresRecord: FileUpkeep {
    package func grant(
        _ duty: UpkeepDuty, to server: ServerID, until moment: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> ServerID {
        let statements = [
            PostgresStatement(
                """
                INSERT INTO upkeep_duties AS d (name, server_id, until) VALUES ($1, $2, $3)
                ON CONFLICT (name) DO UPDATE SET server_id = excluded.server_id, until = excluded.until
                WHERE d.server_id = excluded.server_id OR d.until <= $4
                """, duty.rawValue, server.text, moment, now),
            PostgresStatement("SELECT server_id FROM upkeep_duties WHERE name = $1", duty.rawValue),
        ]
        let holder = try await perform(statements, .repeatableWrite) { answers throws(StoreError) in
            answers[1].first { row in ServerID(row.text(0)) }
        }
        return holder ?? server
    }

    package func release(
        _ duty: UpkeepDuty, by server: ServerID, at now: Timestamp
    ) async throws(StoreError) {
        try await write(
            PostgresStatement(
                "UPDATE upkeep_duties SET until = least(until, $3) WHERE name = $1 AND server_id = $2", duty.rawValue,
                server.text, now))
    }

    package func end(of duty: UpkeepDuty) async throws(StoreError) -> Timestamp? {
        let statement = PostgresStatement("SELECT until FROM upkeep_duties WHERE name = $1", duty.rawValue)
        return try await first(statement) { row in row.moment(0) }
    }

    package func epochStart(of room: RoomID) async throws(StoreError) -> Timestamp? {
        try await first(PostgresStatement("SELECT epoch_at FROM rooms WHERE id = $1", room)) { row in row.moment(0) }
    }

    package func deletion(of room: RoomID) async throws(StoreError) -> Timestamp? {
        try await first(PostgresStatement("SELECT deleted_at FROM deleted_rooms WHERE room_id = $1", room)) { row in
            row.moment(0)
        }
    }

    package func rooms(
        deletedBefore moment: Timestamp, after room: RoomID?, limit: Int
    ) async throws(StoreError) -> [RoomID] {
        let statement = PostgresStatement(
            "SELECT room_id FROM deleted_rooms WHERE deleted_at < $1 AND room_id > $2 ORDER BY room_id LIMIT $3",
            moment, room?.text ?? "", limit)
        return try await rows(statement) { row -> RoomID in row.name(0) }
    }

    package func forgetDeletion(of room: RoomID, before moment: Timestamp) async throws(StoreError) {
        try await write(
            PostgresStatement("DELETE FROM deleted_rooms WHERE room_id = $1 AND deleted_at < $2", room, moment))
    }
}
