import RoomCore
import RoomStorage

extension PostgresRecord: AccountStore {
    package func createRoom(_ room: RoomRecord, epoch: Epoch) async throws(StoreError) {
        try await write(
            PostgresStatement(
                """
                WITH made AS (
                    INSERT INTO rooms (id, name, created_by, created_at, expires_at, epoch)
                    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id
                )
                INSERT INTO members (room_id, user_id, role, joined_at) SELECT id, $3, $7, $4 FROM made
                """, room.id, room.name, room.createdBy, room.createdAt, room.expiresAt, epoch, MemberRole.owner))
    }

    package func room(_ id: RoomID) async throws(StoreError) -> RoomRecord? {
        try await first(
            PostgresStatement("SELECT id, name, created_by, created_at, expires_at FROM rooms WHERE id = $1", id),
            Self.room)
    }

    package func rooms(named name: String) async throws(StoreError) -> [RoomRecord] {
        let statement = PostgresStatement(
            """
            SELECT id, name, created_by, created_at, expires_at FROM rooms WHERE name = $1 ORDER BY created_at, id
            """, name)
        return try await rows(statement, Self.room)
    }

    package func rooms(
        of user: UserID
    ) async throws(StoreError) -> [(room: RoomRecord, membership: Membership)] {
        let statement = PostgresStatement(
            """
            SELECT r.id, r.name, r.created_by, r.created_at, r.expires_at,
                s.room_id, s.user_id, s.role, s.since, s.group_name
            FROM standings AS s JOIN rooms AS r ON r.id = s.room_id WHERE s.user_id = $1
            """, user)
        let found = try await rows(statement) { row throws(StoreError) in
            (room: Self.room(row), standing: try Self.standing(row, from: 5))
        }
        let rooms = Dictionary(found.map { ($0.room.id, $0.room) }) { first, _ in first }
        return Membership.all(found.map(\.standing)).compactMap { membership in
            rooms[membership.room].map { (room: $0, membership: membership) }
        }
    }

    package func roomIDs(after id: RoomID?, limit: Int) async throws(StoreError) -> [RoomID] {
        let statement = PostgresStatement(
            "SELECT id FROM rooms WHERE id > $1 ORDER BY id LIMIT $2", id?.text ?? "", limit)
        return try await rows(statement) { row -> RoomID in row.name(0) }
    }

    package func renameRoom(_ id: RoomID, to name: String) async throws(StoreError) -> Bool {
        try await write(PostgresStatement("UPDATE rooms SET name = $2 WHERE id = $1", id, name)) > 0
    }

    package func extendRoom(_ id: RoomID, to moment: Timestamp) async throws(StoreError) -> RoomRecord? {
        let statements = [
            PostgresStatement("UPDATE rooms SET expires_at = $2 WHERE id = $1 AND expires_at < $2", id, moment),
            PostgresStatement("SELECT id, name, created_by, created_at, expires_at FROM rooms WHERE id = $1", id),
        ]
        return try await perform(statements, .repeatableWrite) { $0.last?.first(Self.room) }
    }

    package func deleteRoom(_ id: RoomID) async throws(StoreError) {
        // The rest of the room goes with it: see ON DELETE CASCADE in the schema.
        try await write(PostgresStatement("DELETE FROM rooms WHERE id = $1", id), isLong: true)
    }

    @Sendable private static func room(_ row: PostgresRow) -> RoomRecord {
        RoomRecord(
            id: row.name(0), name: row.text(1), createdBy: row.name(2), createdAt: row.moment(3),
            expiresAt: row.optionalMoment(4))
    }
}
