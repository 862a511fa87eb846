import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func join(_ membership: Membership) async throws(StoreError) {
        try await write { connection throws(StoreError) in try Self.join(membership, on: connection) }
    }

    package func membership(
        of user: UserID, in room: RoomID
    ) async throws(StoreError) -> Membership? {
        let standings = try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT room_id, user_id, role, since, group_name FROM standings WHERE room_id = ? AND user_id = ?
                """, room, user
            ) { row throws(StoreError) in try Self.standing(row, from: 0) }
        }
        return Membership.all(standings).first
    }

    package func members(of room: RoomID) async throws(StoreError) -> [Membership] {
        try await read { connection throws(StoreError) in
            Membership.all(try Self.standings(in: room, on: connection))
        }
    }

    package func setRole(
        _ role: MemberRole, of user: UserID, in room: RoomID
    ) async throws(StoreError) -> MemberChange {
        try await write { connection throws(StoreError) in
            guard let old = try Self.ownRole(of: user, in: room, on: connection) else { return .noSuchMember }
            if old == .owner, role != .owner, try !Self.hasOtherOwner(than: user, in: room, on: connection) {
                return .lastOwner
            }
            try connection.execute(
                "UPDATE members SET role = ?3 WHERE room_id = ?1 AND user_id = ?2 AND role <> ?3", room, user, role)
            return .changed
        }
    }

    package func removeMember(
        _ user: UserID, from room: RoomID, forbidding moment: Timestamp?
    ) async throws(StoreError) -> MemberChange {
        try await write { connection throws(StoreError) in
            guard let old = try Self.ownRole(of: user, in: room, on: connection) else { return .noSuchMember }
            if old == .owner, try !Self.hasOtherOwner(than: user, in: room, on: connection) { return .lastOwner }
            if let moment {
                try connection.execute(
                    """
                    INSERT INTO removals (room_id, user_id, at) VALUES (?, ?, ?)
                    ON CONFLICT (room_id, user_id) DO UPDATE SET at = max(at, excluded.at)
                    """, room, user, moment)
            }
            try connection.execute("DELETE FROM members WHERE room_id = ? AND user_id = ?", room, user)
            return .changed
        }
    }
}

// MARK: - On one connection

extension SQLiteRecord {
    static func join(_ membership: Membership, on connection: SQLiteConnection) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO members (room_id, user_id, role, joined_at) SELECT id, ?2, ?3, ?4 FROM rooms WHERE id = ?1
            ON CONFLICT (room_id, user_id) DO NOTHING
            """,
            membership.room, membership.user, membership.ownRole ?? membership.role, membership.joinedAt)
    }

    static func standings(in room: RoomID, on connection: SQLiteConnection) throws(StoreError) -> [Standing] {
        try connection.rows(
            "SELECT room_id, user_id, role, since, group_name FROM standings WHERE room_id = ?", room
        ) { row throws(StoreError) in try standing(row, from: 0) }
    }

    static func standing(_ row: SQLiteStatement, from column: Int32) throws(StoreError) -> Standing {
        Standing(
            room: row.name(column), user: row.name(column + 1), role: try role(row, column + 2),
            since: row.moment(column + 3), group: row.optionalName(column + 4))
    }

    static func role(_ row: SQLiteStatement, _ column: Int32) throws(StoreError) -> MemberRole {
        guard let role = MemberRole(rawValue: row.text(column)) else {
            throw .corrupt("the record has the unknown role \(row.text(column)): restore a backup")
        }
        return role
    }

    private static func ownRole(
        of user: UserID, in room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) -> MemberRole? {
        try connection.first("SELECT role FROM members WHERE room_id = ? AND user_id = ?", room, user) {
            row throws(StoreError) in try role(row, 0)
        }
    }

    private static func hasOtherOwner(
        than user: UserID, in room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) -> Bool {
        try connection.first(
            "SELECT 1 FROM members WHERE room_id = ? AND user_id <> ? AND role = 'owner' LIMIT 1", room, user
        ) { _ in true } ?? false
    }
}
