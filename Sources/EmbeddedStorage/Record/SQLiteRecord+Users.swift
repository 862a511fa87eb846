import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func ensureUser(_ candidate: User) async throws(StoreError) -> User {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "INSERT INTO users (id, username, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                candidate.id, candidate.username, candidate.createdAt)
            // Of a name and an id that belong to two users, the name is what was asked for.
            let user = try connection.first(
                """
                SELECT id, username, created_at FROM users WHERE username = ?1 OR id = ?2
                ORDER BY username = ?1 DESC LIMIT 1
                """,
                candidate.username, candidate.id, read: Self.user)
            return user ?? candidate
        }
    }

    package func user(_ id: UserID) async throws(StoreError) -> User? {
        try await read { connection throws(StoreError) in
            try connection.first("SELECT id, username, created_at FROM users WHERE id = ?", id, read: Self.user)
        }
    }

    package func users(in room: RoomID) async throws(StoreError) -> [User] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT DISTINCT u.id, u.username, u.created_at
                FROM standings AS m JOIN users AS u ON u.id = m.user_id
                WHERE m.room_id = ? ORDER BY u.id
                """, room, read: Self.user)
        }
    }

    private static func user(_ row: SQLiteStatement) -> User {
        User(id: row.name(0), username: row.text(1), createdAt: row.moment(2))
    }
}
