import RoomCore
import RoomStorage

extension PostgresRecord {
    /// The number is read first: should somebody's right change between, it will differ from the next one.
    package func access(to room: RoomID) async throws(StoreError) -> RoomAccess? {
        let statements = [
            PostgresStatement("SELECT version, policy FROM room_access WHERE room_id = $1", room),
            Self.standings(in: room),
        ]
        return try await perform(statements, .read) { answers throws(StoreError) in
            let members = Membership.all(
                try answers[1].map { row throws(StoreError) in try Self.standing(row, from: 0) })
            let roles = Dictionary(uniqueKeysWithValues: members.map { ($0.user, $0.role) })
            return try answers[0].first { row throws(StoreError) in
                RoomAccess(
                    version: row.integer(0), policy: try RoomPolicy(recorded: row.isNull(1) ? nil : row.text(1)),
                    roles: roles)
            }
        }
    }

    package func accessVersion(of room: RoomID) async throws(StoreError) -> Int? {
        try await first(PostgresStatement("SELECT version FROM room_access WHERE room_id = $1", room)) {
            $0.integer(0)
        }
    }

    package func policy(of room: RoomID) async throws(StoreError) -> RoomPolicy? {
        try await first(PostgresStatement("SELECT policy FROM room_access WHERE room_id = $1", room), Self.policy)
    }

    @Sendable static func policy(_ row: PostgresRow) throws(StoreError) -> RoomPolicy {
        try RoomPolicy(recorded: row.isNull(0) ? nil : row.text(0))
    }

    package func setPolicy(_ policy: RoomPolicy, of room: RoomID) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(
            "UPDATE room_access SET policy = $2, version = version + 1 WHERE room_id = $1", room, policy.recorded)
        return try await write(statement) > 0
    }
}

// MARK: - Groups

extension PostgresRecord {
    package func groupRoles(in room: RoomID) async throws(StoreError) -> [GroupRole] {
        try await rows(Self.groupRoles(in: room), Self.groupRole)
    }

    static func groupRoles(in room: RoomID) -> PostgresStatement {
        PostgresStatement("SELECT group_name, role FROM room_groups WHERE room_id = $1 ORDER BY group_name", room)
    }

    @Sendable static func groupRole(_ row: PostgresRow) throws(StoreError) -> GroupRole {
        GroupRole(group: row.name(0), role: try role(row, 1))
    }

    package func setGroupRoles(_ roles: [GroupRole], in room: RoomID) async throws(StoreError) -> Bool {
        let statements = [
            Self.accessLock(of: room),
            PostgresStatement("DELETE FROM room_groups WHERE room_id = $1", room),
            PostgresStatement(
                """
                INSERT INTO room_groups (room_id, group_name, role)
                SELECT a.room_id, g.* FROM room_access AS a
                CROSS JOIN unnest($2::text[], $3::text[]) AS g WHERE a.room_id = $1
                """, room, PostgresColumn(roles.map(\.group)), PostgresColumn(roles.map(\.role))),
        ]
        return try await perform(statements, .repeatableWrite) { $0[0].count > 0 }
    }

    package func groups(of user: UserID) async throws(StoreError) -> UserGroups? {
        let statement = PostgresStatement("SELECT group_name, told_at FROM user_groups WHERE user_id = $1", user)
        let found = try await rows(statement) { row in (name: row.name(0) as GroupName, at: row.moment(1)) }
        guard let newest = found.map(\.at).max() else { return nil }
        return UserGroups(names: Set(found.map(\.name)), toldAt: newest)
    }

    package func note(_ groups: UserGroups, of user: UserID) async throws(StoreError) {
        let names = PostgresColumn(groups.names.sorted())
        try await write(
            PostgresStatement(
                "DELETE FROM user_groups WHERE user_id = $1 AND group_name <> ALL ($2::text[])", user, names),
            PostgresStatement(
                """
                INSERT INTO user_groups AS g (user_id, group_name, told_at)
                SELECT $1, n, $3 FROM unnest($2::text[]) AS n
                ON CONFLICT (user_id, group_name) DO UPDATE SET told_at = greatest(g.told_at, excluded.told_at)
                """, user, names, groups.toldAt))
    }

    package func forgetGroups(toldBefore moment: Timestamp) async throws(StoreError) {
        try await write(PostgresStatement("DELETE FROM user_groups WHERE told_at < $1", moment))
    }
}
