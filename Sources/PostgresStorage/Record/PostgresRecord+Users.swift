import RoomCore
import RoomStorage

extension PostgresRecord {
    package func ensureUser(_ candidate: User) async throws(StoreError) -> User {
        // The second statement sees what another server made while the first waited for it.
        let statements = [
            PostgresStatement(
                "INSERT INTO users (id, username, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                candidate.id, candidate.username, candidate.createdAt),
            // Of a name and an id that belong to two users, the name is what was asked for.
            PostgresStatement(
                """
                SELECT id, username, created_at FROM users WHERE username = $1 OR id = $2
                ORDER BY username = $1 DESC LIMIT 1
                """, candidate.username, candidate.id),
        ]
        return try await perform(statements, .repeatableWrite) { $0.last?.first(Self.user) ?? candidate }
    }

    package func user(_ id: UserID) async throws(StoreError) -> User? {
        try await first(
            PostgresStatement("SELECT id, username, created_at FROM users WHERE id = $1", id), Self.user)
    }

    package func users(in room: RoomID) async throws(StoreError) -> [User] {
        let statement = PostgresStatement(
            """
            SELECT DISTINCT u.id, u.username, u.created_at FROM standings AS m JOIN users AS u ON u.id = m.user_id
            WHERE m.room_id = $1 ORDER BY u.id
            """, room)
        return try await rows(statement, Self.user)
    }

    @Sendable private static func user(_ row: PostgresRow) -> User {
        User(id: row.name(0), username: row.text(1), createdAt: row.moment(2))
    }
}
