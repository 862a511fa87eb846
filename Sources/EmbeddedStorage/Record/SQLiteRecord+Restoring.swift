import RoomCore
import RoomStorage

/// Whole rooms and all people, out of the record and into it.
extension SQLiteRecord {
    package func dossier(of room: RoomID) async throws(StoreError) -> RoomDossier? {
        try await read { connection throws(StoreError) in
            try connection.reading { () throws(StoreError) in
                guard let head = try Self.head(of: room, on: connection) else { return nil }
                let record = try connection.first(
                    """
                    SELECT r.id, r.name, r.created_by, r.created_at, r.expires_at, b.dossier
                    FROM rooms AS r JOIN room_backups AS b ON b.room_id = r.id WHERE r.id = ?
                    """, room
                ) { row in
                    (
                        RoomRecord(
                            id: row.name(0), name: row.text(1), createdBy: row.name(2), createdAt: row.moment(3),
                            expiresAt: row.optionalMoment(4)), row.integer(5)
                    )
                }
                guard let (record, version) = record else { return nil }
                return RoomDossier(
                    record: record, members: try Self.ownMembers(of: room, on: connection),
                    policy: try Self.policy(of: room, on: connection) ?? RoomPolicy(),
                    groupRoles: try Self.groupRoles(in: room, on: connection),
                    workerTokens: try Self.workerTokens(of: room, on: connection), version: version, head: head)
            }
        }
    }

    private static func ownMembers(
        of room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) -> [Membership] {
        try connection.rows(
            "SELECT user_id, role, joined_at FROM members WHERE room_id = ? ORDER BY joined_at, user_id", room
        ) { row throws(StoreError) in
            Membership(room: room, user: row.name(0), role: try role(row, 1), joinedAt: row.moment(2))
        }
    }

    private static func workerTokens(
        of room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) -> [WorkerToken] {
        try connection.rows(
            """
            SELECT hash, room_id, worker, created_by, created_at, expires_at, revoked_at
            FROM worker_tokens WHERE room_id = ? ORDER BY created_at, hash
            """, room
        ) { row in
            WorkerToken(
                hash: row.name(0), room: row.name(1), worker: row.name(2), createdBy: row.name(3),
                createdAt: row.moment(4), expiresAt: row.optionalMoment(5), revokedAt: row.optionalMoment(6))
        }
    }

    package func people() async throws(StoreError) -> People {
        try await read { connection throws(StoreError) in
            try connection.reading { () throws(StoreError) in
                let version = try connection.first("SELECT version FROM people_version") { $0.integer(0) } ?? 0
                let users = try connection.rows("SELECT id, username, created_at FROM users ORDER BY id") { row in
                    User(id: row.name(0), username: row.text(1), createdAt: row.moment(2))
                }
                let keys = try connection.rows(
                    "SELECT hash, user_id, name, created_at, expires_at, revoked_at FROM account_keys ORDER BY hash"
                ) { row in
                    AccountKey(
                        hash: row.name(0), user: row.name(1), name: row.text(2), createdAt: row.moment(3),
                        expiresAt: row.optionalMoment(4), revokedAt: row.optionalMoment(5))
                }
                let publicKeys = try connection.rows(
                    "SELECT id, user_id, public_key, device_name, registered_at FROM public_keys ORDER BY id",
                    read: Self.publicKey)
                return People(version: version, users: users, accountKeys: keys, publicKeys: publicKeys)
            }
        }
    }

    package func peopleVersion() async throws(StoreError) -> Int {
        try await read { connection throws(StoreError) in
            try connection.first("SELECT version FROM people_version") { $0.integer(0) } ?? 0
        }
    }

    package func isEmpty() async throws(StoreError) -> Bool {
        try await read { connection throws(StoreError) in
            let isFilled = try connection.first("SELECT EXISTS (SELECT 1 FROM rooms) OR EXISTS (SELECT 1 FROM users)") {
                $0.integer(0) == 1
            }
            return isFilled != true
        }
    }
}

// MARK: - Restoring

extension SQLiteRecord {
    package func restore(_ rooms: [RestoredRoom]) async throws(StoreError) -> [RoomID] {
        let bytes = rooms.reduce(0) { sum, room in
            room.changes.reduce(sum + (room.snapshot?.body.count ?? 0)) { $0 + $1.body.count + 256 }
        }
        return try await write(bytes: bytes) { connection throws(StoreError) in
            var standing: [RoomID] = []
            for room in rooms where try !Self.restore(room, on: connection) { standing.append(room.dossier.record.id) }
            return standing
        }
    }

    /// False when there is such a room.
    private static func restore(
        _ room: RestoredRoom, on connection: SQLiteConnection
    ) throws(StoreError) -> Bool {
        let (record, head) = (room.dossier.record, room.dossier.head)
        let made = try connection.execute(
            """
            INSERT INTO rooms (id, name, created_by, created_at, expires_at, epoch, revision, floor, floor_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """, record.id, record.name, record.createdBy, record.createdAt, record.expiresAt, head.epoch,
            head.revision, head.floor, head.floor == .zero ? nil : room.snapshot?.at)
        guard made == 1 else { return false }
        for member in room.dossier.members { try join(member, on: connection) }
        for role in room.dossier.groupRoles { try insert(role, into: record.id, on: connection) }
        if room.dossier.policy != RoomPolicy() {
            _ = try setPolicy(room.dossier.policy, of: record.id, on: connection)
        }
        for token in room.dossier.workerTokens { try insert(token, on: connection) }
        if let snapshot = room.snapshot {
            try connection.execute(
                "INSERT INTO snapshots (room_id, epoch, revision, at, body) VALUES (?, ?, ?, ?, ?)", record.id,
                snapshot.epoch, snapshot.revision, snapshot.at, snapshot.body)
        }
        for change in room.changes { try insert(change, into: record.id, on: connection) }
        try connection.execute(
            "UPDATE room_backups SET dossier = max(dossier, ?2 + 1) WHERE room_id = ?1", record.id,
            room.dossier.version)
        return true
    }

    private static func insert(_ token: WorkerToken, on connection: SQLiteConnection) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO worker_tokens (hash, room_id, worker, created_by, created_at, expires_at, revoked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING
            """, token.hash, token.room, token.worker, token.createdBy, token.createdAt, token.expiresAt,
            token.revokedAt)
    }

    package func restore(_ people: People) async throws(StoreError) {
        try await write(bytes: (people.users.count + people.accountKeys.count) * 256) {
            connection throws(StoreError) in
            for user in people.users {
                try connection.execute(
                    "INSERT INTO users (id, username, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", user.id,
                    user.username, user.createdAt)
            }
            for key in people.accountKeys {
                try connection.execute(
                    """
                    INSERT INTO account_keys (hash, user_id, name, created_at, expires_at, revoked_at)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING
                    """, key.hash, key.user, key.name, key.createdAt, key.expiresAt, key.revokedAt)
            }
            for key in people.publicKeys { try Self.insert(key, on: connection) }
            try connection.execute("UPDATE people_version SET version = max(version, ?) + 1", people.version)
        }
    }
}
