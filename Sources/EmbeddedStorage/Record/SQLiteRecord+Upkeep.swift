import RoomCore
import RoomStorage

extension SQLiteRecord: FileUpkeep {
    package func grant(
        _ duty: UpkeepDuty, to server: ServerID, until moment: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> ServerID {
        try await write { connection throws(StoreError) in
            try connection.execute(
                """
                INSERT INTO upkeep_duties (name, server_id, until) VALUES (?1, ?2, ?3)
                ON CONFLICT (name) DO UPDATE SET server_id = excluded.server_id, until = excluded.until
                WHERE upkeep_duties.server_id = excluded.server_id OR upkeep_duties.until <= ?4
                """, duty.rawValue, server.text, moment, now)
            return try connection.first("SELECT server_id FROM upkeep_duties WHERE name = ?", duty.rawValue) { row in
                ServerID(row.text(0))
            } ?? server
        }
    }

    package func release(
        _ duty: UpkeepDuty, by server: ServerID, at now: Timestamp
    ) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "UPDATE upkeep_duties SET until = min(until, ?3) WHERE name = ?1 AND server_id = ?2", duty.rawValue,
                server.text, now)
        }
    }

    package func end(of duty: UpkeepDuty) async throws(StoreError) -> Timestamp? {
        try await read { connection throws(StoreError) in
            try connection.first("SELECT until FROM upkeep_duties WHERE name = ?", duty.rawValue) { $0.moment(0) }
        }
    }

    package func epochStart(of room: RoomID) async throws(StoreError) -> Timestamp? {
        try await read { connection throws(StoreError) in
            try connection.first("SELECT epoch_at FROM rooms WHERE id = ?", room) { $0.moment(0) }
        }
    }

    package func deletion(of room: RoomID) async throws(StoreError) -> Timestamp? {
        try await read { connection throws(StoreError) in
            try connection.first("SELECT deleted_at FROM deleted_rooms WHERE room_id = ?", room) { $0.moment(0) }
        }
    }

    package func rooms(
        deletedBefore moment: Timestamp, after room: RoomID?, limit: Int
    ) async throws(StoreError) -> [RoomID] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                "SELECT room_id FROM deleted_rooms WHERE deleted_at < ? AND room_id > ? ORDER BY room_id LIMIT ?",
                moment, room?.text ?? "", limit
            ) { row -> RoomID in row.name(0) }
        }
    }

    package func forgetDeletion(of room: RoomID, before moment: Timestamp) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM deleted_rooms WHERE room_id = ? AND deleted_at < ?", room, moment)
        }
    }
}
