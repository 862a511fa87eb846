import RoomCore
import RoomStorage

extension SQLiteRecord: AccountStore {
    package func createRoom(_ room: RoomRecord, epoch: Epoch) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            let made = try connection.execute(
                """
                INSERT INTO rooms (id, name, created_by, created_at, expires_at, epoch) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING
                """,
                room.id, room.name, room.createdBy, room.createdAt, room.expiresAt, epoch)
            guard made == 1 else { return }
            try Self.join(
                Membership(room: room.id, user: room.createdBy, role: .owner, joinedAt: room.createdAt),
                on: connection)
        }
    }

    package func room(_ id: RoomID) async throws(StoreError) -> RoomRecord? {
        try await read { connection throws(StoreError) in
            try connection.first(
                "SELECT id, name, created_by, created_at, expires_at FROM rooms WHERE id = ?", id, read: Self.room)
        }
    }

    package func rooms(named name: String) async throws(StoreError) -> [RoomRecord] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT id, name, created_by, created_at, expires_at FROM rooms WHERE name = ?
                ORDER BY created_at, id
                """,
                name, read: Self.room)
        }
    }

    package func rooms(
        of user: UserID
    ) async throws(StoreError) -> [(room: RoomRecord, membership: Membership)] {
        let rows = try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT r.id, r.name, r.created_by, r.created_at, r.expires_at,
                    s.room_id, s.user_id, s.role, s.since, s.group_name
                FROM standings AS s CROSS JOIN rooms AS r ON r.id = s.room_id WHERE s.user_id = ?
                """, user
            ) { row throws(StoreError) in (room: Self.room(row), standing: try Self.standing(row, from: 5)) }
        }
        let rooms = Dictionary(rows.map { ($0.room.id, $0.room) }) { first, _ in first }
        return Membership.all(rows.map(\.standing)).compactMap { membership in
            rooms[membership.room].map { (room: $0, membership: membership) }
        }
    }

    package func roomIDs(after id: RoomID?, limit: Int) async throws(StoreError) -> [RoomID] {
        try await read { connection throws(StoreError) in
            try connection.rows("SELECT id FROM rooms WHERE id > ? ORDER BY id LIMIT ?", id?.text ?? "", limit) {
                row -> RoomID in row.name(0)
            }
        }
    }

    package func renameRoom(_ id: RoomID, to name: String) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute("UPDATE rooms SET name = ?2 WHERE id = ?1", id, name) > 0
        }
    }

    package func extendRoom(_ id: RoomID, to moment: Timestamp) async throws(StoreError) -> RoomRecord? {
        try await write { connection throws(StoreError) in
            try connection.execute("UPDATE rooms SET expires_at = ?2 WHERE id = ?1 AND expires_at < ?2", id, moment)
            return try connection.first(
                "SELECT id, name, created_by, created_at, expires_at FROM rooms WHERE id = ?", id, read: Self.room)
        }
    }

    package func deleteRoom(_ id: RoomID) async throws(StoreError) {
        // The rest of the room goes with it: see ON DELETE CASCADE in the schema.
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM rooms WHERE id = ?", id)
        }
    }

    private static func room(_ row: SQLiteStatement) -> RoomRecord {
        RoomRecord(
            id: row.name(0), name: row.text(1), createdBy: row.name(2), createdAt: row.moment(3),
            expiresAt: row.optionalMoment(4))
    }
}
