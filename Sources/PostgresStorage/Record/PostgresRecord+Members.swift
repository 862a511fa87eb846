import RoomCore
import RoomStorage

extension PostgresRecord {
    package func join(_ membership: Membership) async throws(StoreError) {
        try await write(
            PostgresStatement(
                """
                INSERT INTO members (room_id, user_id, role, joined_at)
                SELECT id, $2, $3, $4 FROM rooms WHERE id = $1 FOR KEY SHARE
                ON CONFLICT (room_id, user_id) DO NOTHING
                """, membership.room, membership.user, membership.role, membership.joinedAt))
    }

    package func membership(of user: UserID, in room: RoomID) async throws(StoreError) -> Membership? {
        let statement = PostgresStatement(
            "SELECT room_id, user_id, role, joined_at FROM members WHERE room_id = $1 AND user_id = $2", room, user)
        return try await first(statement) { row throws(StoreError) in try Self.membership(row, from: 0) }
    }

    package func members(of room: RoomID) async throws(StoreError) -> [Membership] {
        let statement = PostgresStatement(
            "SELECT room_id, user_id, role, joined_at FROM members WHERE room_id = $1 ORDER BY joined_at, user_id",
            room)
        return try await rows(statement) { row throws(StoreError) in try Self.membership(row, from: 0) }
    }

    package func removeMember(_ user: UserID, from room: RoomID) async throws(StoreError) -> Bool {
        let statement = PostgresStatement("DELETE FROM members WHERE room_id = $1 AND user_id = $2", room, user)
        return try await write(statement, kind: .write) > 0
    }

    static func membership(_ row: PostgresRow, from column: Int32) throws(StoreError) -> Membership {
        guard let role = MemberRole(rawValue: row.text(column + 2)) else {
            throw .corrupt("a member has the unknown role \(row.text(column + 2)): restore a backup")
        }
        return Membership(
            room: row.name(column), user: row.name(column + 1), role: role, joinedAt: row.moment(column + 3))
    }
}
