import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func access(to room: RoomID) async throws(StoreError) -> RoomAccess? {
        try await read { connection throws(StoreError) in
            try connection.reading { () throws(StoreError) in
                let found = try connection.first(
                    "SELECT version, policy FROM room_access WHERE room_id = ?", room
                ) { row in (version: row.integer(0), policy: row.isNull(1) ? nil : row.text(1)) }
                guard let found else { return nil }
                let members = Membership.all(try Self.standings(in: room, on: connection))
                return RoomAccess(
                    version: found.version, policy: try RoomPolicy(recorded: found.policy),
                    roles: Dictionary(uniqueKeysWithValues: members.map { ($0.user, $0.role) }))
            }
        }
    }

    package func accessVersion(of room: RoomID) async throws(StoreError) -> Int? {
        try await read { connection throws(StoreError) in try Self.accessVersion(of: room, on: connection) }
    }

    static func accessVersion(of room: RoomID, on connection: SQLiteConnection) throws(StoreError) -> Int? {
        try connection.first("SELECT version FROM room_access WHERE room_id = ?", room) { $0.integer(0) }
    }

    package func policy(of room: RoomID) async throws(StoreError) -> RoomPolicy? {
        try await read { connection throws(StoreError) in try Self.policy(of: room, on: connection) }
    }

    static func policy(of room: RoomID, on connection: SQLiteConnection) throws(StoreError) -> RoomPolicy? {
        try connection.first("SELECT policy FROM room_access WHERE room_id = ?", room) { row throws(StoreError) in
            try RoomPolicy(recorded: row.isNull(0) ? nil : row.text(0))
        }
    }

    package func setPolicy(_ policy: RoomPolicy, of room: RoomID) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try Self.setPolicy(policy, of: room, on: connection)
        }
    }

    static func setPolicy(
        _ policy: RoomPolicy, of room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) -> Bool {
        try connection.execute(
            "UPDATE room_access SET policy = ?2, version = version + 1 WHERE room_id = ?1", room, policy.recorded) > 0
    }
}

// MARK: - Groups

extension SQLiteRecord {
    package func groupRoles(in room: RoomID) async throws(StoreError) -> [GroupRole] {
        try await read { connection throws(StoreError) in try Self.groupRoles(in: room, on: connection) }
    }

    static func groupRoles(in room: RoomID, on connection: SQLiteConnection) throws(StoreError) -> [GroupRole] {
        try connection.rows(
            "SELECT group_name, role FROM room_groups WHERE room_id = ? ORDER BY group_name", room
        ) { row throws(StoreError) in GroupRole(group: row.name(0), role: try role(row, 1)) }
    }

    package func setGroupRoles(_ roles: [GroupRole], in room: RoomID) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            guard try Self.policy(of: room, on: connection) != nil else { return false }
            try connection.execute("DELETE FROM room_groups WHERE room_id = ?", room)
            for role in roles { try Self.insert(role, into: room, on: connection) }
            return true
        }
    }

    static func insert(
        _ role: GroupRole, into room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO room_groups (room_id, group_name, role) VALUES (?, ?, ?)
            ON CONFLICT (room_id, group_name) DO NOTHING
            """, room, role.group, role.role)
    }

    package func groups(of user: UserID) async throws(StoreError) -> UserGroups? {
        let rows = try await read { connection throws(StoreError) in
            try connection.rows("SELECT group_name, told_at FROM user_groups WHERE user_id = ?", user) { row in
                (name: row.name(0) as GroupName, at: row.moment(1))
            }
        }
        guard let newest = rows.map(\.at).max() else { return nil }
        return UserGroups(names: Set(rows.map(\.name)), toldAt: newest)
    }

    package func note(_ groups: UserGroups, of user: UserID) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            let known = try connection.rows("SELECT group_name FROM user_groups WHERE user_id = ?", user) {
                row -> GroupName in row.name(0)
            }
            for name in known where !groups.names.contains(name) {
                try connection.execute("DELETE FROM user_groups WHERE user_id = ? AND group_name = ?", user, name)
            }
            for name in groups.names {
                try connection.execute(
                    """
                    INSERT INTO user_groups (user_id, group_name, told_at) VALUES (?, ?, ?)
                    ON CONFLICT (user_id, group_name) DO UPDATE SET told_at = max(told_at, excluded.told_at)
                    """, user, name, groups.toldAt)
            }
        }
    }

    package func forgetGroups(toldBefore moment: Timestamp) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM user_groups WHERE told_at < ?", moment)
        }
    }
}
