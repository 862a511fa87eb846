import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func join(_ membership: Membership) async throws(StoreError) {
        try await write { connection throws(StoreError) in try Self.join(membership, on: connection) }
    }

    package func membership(
        of user: UserID, in room: RoomID
    ) async throws(StoreError) -> Membership? {
        try await read { connection throws(StoreError) in
            try connection.first(
                "SELECT room_id, user_id, role, joined_at FROM members WHERE room_id = ? AND user_id = ?", room, user
            ) { row throws(StoreError) in try Self.membership(row, from: 0) }
        }
    }

    package func members(of room: RoomID) async throws(StoreError) -> [Membership] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                "SELECT room_id, user_id, role, joined_at FROM members WHERE room_id = ? ORDER BY joined_at, user_id",
                room
            ) { row throws(StoreError) in try Self.membership(row, from: 0) }
        }
    }

    package func removeMember(_ user: UserID, from room: RoomID) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM members WHERE room_id = ? AND user_id = ?", room, user) > 0
        }
    }

    static func join(_ membership: Membership, on connection: SQLiteConnection) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO members (room_id, user_id, role, joined_at) SELECT id, ?2, ?3, ?4 FROM rooms WHERE id = ?1
            ON CONFLICT (room_id, user_id) DO NOTHING
            """,
            membership.room, membership.user, membership.role, membership.joinedAt)
    }

    static func membership(_ row: SQLiteStatement, from column: Int32) throws(StoreError) -> Membership {
        guard let role = MemberRole(rawValue: row.text(column + 2)) else {
            throw .corrupt("a member has the unknown role \(row.text(column + 2)): restore a backup")
        }
        return Membership(
            room: row.name(column), user: row.name(column + 1), role: role, joinedAt: row.moment(column + 3))
    }
}
