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
                """, membership.room, membership.user, membership.ownRole ?? membership.role, membership.joinedAt))
    }

    package func membership(of user: UserID, in room: RoomID) async throws(StoreError) -> Membership? {
        let statement = PostgresStatement(
            """
            SELECT room_id, user_id, role, since, group_name FROM standings WHERE room_id = $1 AND user_id = $2
            """, room, user)
        return Membership.all(try await standings(statement)).first
    }

    package func members(of room: RoomID) async throws(StoreError) -> [Membership] {
        Membership.all(try await standings(Self.standings(in: room)))
    }

    package func setRole(
        _ role: MemberRole, of user: UserID, in room: RoomID
    ) async throws(StoreError) -> MemberChange {
        // One room's changes go one after another, or two owners could demote each other.
        let statements = [
            Self.accessLock(of: room),
            PostgresStatement(
                """
                UPDATE members AS m SET role = $3
                WHERE room_id = $1 AND user_id = $2 AND role <> $3 AND \(Self.leavesAnOwner)
                """, room, user, role),
            PostgresStatement("SELECT role FROM members WHERE room_id = $1 AND user_id = $2", room, user),
        ]
        return try await perform(statements, .repeatableWrite) { answers throws(StoreError) in
            let standing = try answers[2].first { row throws(StoreError) in try Self.role(row, 0) }
            guard let standing else { return .noSuchMember }
            return standing == role ? .changed : .lastOwner
        }
    }

    package func removeMember(
        _ user: UserID, from room: RoomID, forbidding moment: Timestamp?
    ) async throws(StoreError) -> MemberChange {
        let statements = [
            Self.accessLock(of: room),
            PostgresStatement(
                """
                WITH removed AS (
                    DELETE FROM members AS m WHERE room_id = $1 AND user_id = $2 AND \(Self.leavesAnOwner)
                    RETURNING room_id, user_id
                )
                INSERT INTO removals AS r (room_id, user_id, at)
                SELECT room_id, user_id, coalesce($3, 0) FROM removed
                ON CONFLICT (room_id, user_id) DO UPDATE SET at = greatest(r.at, excluded.at)
                """, room, user, moment),
            PostgresStatement("SELECT FROM members WHERE room_id = $1 AND user_id = $2", room, user),
        ]
        return try await perform(statements, .write) { answers in
            if answers[1].affected > 0 { return .changed }
            return answers[2].count == 0 ? .noSuchMember : .lastOwner
        }
    }

    /// Of a member `m`: whether the room has an owner without them.
    private static let leavesAnOwner = """
        (m.role <> 'owner' OR EXISTS (SELECT FROM members AS o
            WHERE o.room_id = m.room_id AND o.user_id <> m.user_id AND o.role = 'owner'))
        """

    static func accessLock(of room: RoomID) -> PostgresStatement {
        PostgresStatement("SELECT FROM room_access WHERE room_id = $1 FOR NO KEY UPDATE", room)
    }
}

// MARK: - Rows

extension PostgresRecord {
    static func standings(in room: RoomID) -> PostgresStatement {
        PostgresStatement("SELECT room_id, user_id, role, since, group_name FROM standings WHERE room_id = $1", room)
    }

    private func standings(_ statement: PostgresStatement) async throws(StoreError) -> [Standing] {
        try await rows(statement) { row throws(StoreError) in try Self.standing(row, from: 0) }
    }

    static func standing(_ row: PostgresRow, from column: Int32) throws(StoreError) -> Standing {
        Standing(
            room: row.name(column), user: row.name(column + 1), role: try role(row, column + 2),
            since: row.moment(column + 3), group: row.isNull(column + 4) ? nil : row.name(column + 4))
    }

    static func role(_ row: PostgresRow, _ column: Int32) throws(StoreError) -> MemberRole {
        guard let role = MemberRole(rawValue: row.text(column)) else {
            throw .corrupt("the record has the unknown role \(row.text(column)): restore a backup")
        }
        return role
    }
}
