import RoomCore
import RoomStorage

/// Whole rooms and all people, out of the record and into it.
extension PostgresRecord {
    /// The number is read first: should a member come between, the room stays due.
    package func dossier(of room: RoomID) async throws(StoreError) -> RoomDossier? {
        let statements = [
            PostgresStatement(
                """
                SELECT r.id, r.name, r.created_by, r.created_at, r.expires_at, b.dossier, r.epoch, r.revision, r.floor
                FROM rooms AS r JOIN room_backups AS b ON b.room_id = r.id WHERE r.id = $1
                """, room),
            PostgresStatement(
                """
                SELECT user_id, role, joined_at FROM members WHERE room_id = $1 ORDER BY joined_at, user_id
                """, room),
            PostgresStatement(
                """
                SELECT hash, room_id, worker, created_by, created_at, expires_at, revoked_at
                FROM worker_tokens WHERE room_id = $1 ORDER BY created_at, hash
                """, room),
            PostgresStatement("SELECT policy FROM room_access WHERE room_id = $1", room),
            Self.groupRoles(in: room),
        ]
        return try await perform(statements, .read) { answers throws(StoreError) in
            let members = try answers[1].map { row throws(StoreError) in
                Membership(room: room, user: row.name(0), role: try Self.role(row, 1), joinedAt: row.moment(2))
            }
            let policy = try answers[3].first(Self.policy) ?? RoomPolicy()
            let groupRoles = try answers[4].map(Self.groupRole)
            let tokens = answers[2].map { row in
                WorkerToken(
                    hash: row.name(0), room: row.name(1), worker: row.name(2), createdBy: row.name(3),
                    createdAt: row.moment(4), expiresAt: row.optionalMoment(5), revokedAt: row.optionalMoment(6))
            }
            return answers[0].first { row in
                RoomDossier(
                    record: RoomRecord(
                        id: row.name(0), name: row.text(1), createdBy: row.name(2), createdAt: row.moment(3),
                        expiresAt: row.optionalMoment(4)),
                    members: members, policy: policy, groupRoles: groupRoles, workerTokens: tokens,
                    version: row.integer(5),
                    head: RoomHead(epoch: row.name(6), revision: row.revision(7), floor: row.revision(8)))
            }
        }
    }

    package func people() async throws(StoreError) -> People {
        let statements = [
            PostgresStatement("SELECT version FROM people_version"),
            PostgresStatement("SELECT id, username, created_at FROM users ORDER BY id"),
            PostgresStatement(
                "SELECT hash, user_id, name, created_at, expires_at, revoked_at FROM account_keys ORDER BY hash"),
            PostgresStatement(
                "SELECT id, user_id, public_key, device_name, registered_at FROM public_keys ORDER BY id"),
        ]
        return try await perform(statements, .read) { answers throws(StoreError) in
            People(
                version: answers[0].first { $0.integer(0) } ?? 0,
                users: answers[1].map { row in
                    User(id: row.name(0), username: row.text(1), createdAt: row.moment(2))
                },
                accountKeys: answers[2].map { row in
                    AccountKey(
                        hash: row.name(0), user: row.name(1), name: row.text(2), createdAt: row.moment(3),
                        expiresAt: row.optionalMoment(4), revokedAt: row.optionalMoment(5))
                },
                publicKeys: answers[3].map(Self.publicKey))
        }
    }

    package func peopleVersion() async throws(StoreError) -> Int {
        try await first(PostgresStatement("SELECT version FROM people_version")) { $0.integer(0) } ?? 0
    }

    package func isEmpty() async throws(StoreError) -> Bool {
        let statement = PostgresStatement("SELECT EXISTS (SELECT FROM rooms) OR EXISTS (SELECT FROM users)")
        return try await first(statement) { $0.flag(0) } == false
    }
}

// MARK: - Restoring

extension PostgresRecord {
    package func restore(_ rooms: [RestoredRoom]) async throws(StoreError) -> [RoomID] {
        let statements = rooms.flatMap { [Self.insertion(of: $0), Self.numbering(of: $0)] }
        return try await perform(statements, .write, isLong: true) { answers throws(StoreError) in
            rooms.indices.filter { answers[2 * $0].count == 0 }.map { rooms[$0].dossier.record.id }
        }
    }

    /// Answers a row when the room was not there.
    private static func insertion(of room: RestoredRoom) -> PostgresStatement {
        let (record, head, dossier) = (room.dossier.record, room.dossier.head, room.dossier)
        return PostgresStatement(
            """
            WITH made AS (
                INSERT INTO rooms (id, name, created_by, created_at, expires_at, epoch, revision, floor, floor_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING RETURNING id
            ), joined AS (
                INSERT INTO members (room_id, user_id, role, joined_at)
                SELECT id, m.* FROM made CROSS JOIN unnest($10::text[], $11::text[], $12::bigint[]) AS m
            ), ruled AS (
                INSERT INTO room_access (room_id, policy) SELECT id, $28 FROM made
            ), grouped AS (
                INSERT INTO room_groups (room_id, group_name, role)
                SELECT id, g.* FROM made CROSS JOIN unnest($29::text[], $30::text[]) AS g
            ), opened AS (
                INSERT INTO worker_tokens (room_id, hash, worker, created_by, created_at, expires_at, revoked_at)
                SELECT id, t.* FROM made
                CROSS JOIN unnest($13::text[], $14::text[], $15::text[], $16::bigint[], $17::bigint[], $18::bigint[])
                    AS t ON CONFLICT (hash) DO NOTHING
            ), begun AS (
                INSERT INTO snapshots (room_id, epoch, revision, at, body)
                SELECT id, $6, $8, $19, $20 FROM made WHERE $19 IS NOT NULL
            ), written AS (
                INSERT INTO changes (room_id, append_id, revision, at, kind, model_id, other_model_id, alias, body)
                SELECT id, 0, c.* FROM made CROSS JOIN unnest($21::bigint[], $22::bigint[], $23::text[], $24::text[],
                    $25::text[], $26::text[], $27::bytea[]) AS c
            )
            SELECT id FROM made
            """, record.id, record.name, record.createdBy, record.createdAt, record.expiresAt, head.epoch,
            head.revision, head.floor, head.floor == .zero ? nil : room.snapshot?.at,
            PostgresColumn(dossier.members.map(\.user)), PostgresColumn(dossier.members.map(\.role)),
            PostgresColumn(dossier.members.map(\.joinedAt)), PostgresColumn(dossier.workerTokens.map(\.hash)),
            PostgresColumn(dossier.workerTokens.map(\.worker)), PostgresColumn(dossier.workerTokens.map(\.createdBy)),
            PostgresColumn(dossier.workerTokens.map(\.createdAt)),
            PostgresColumn(dossier.workerTokens.map(\.expiresAt)),
            PostgresColumn(dossier.workerTokens.map(\.revokedAt)), room.snapshot?.at, room.snapshot?.body,
            PostgresColumn(room.changes.map(\.revision)), PostgresColumn(room.changes.map(\.at)),
            PostgresColumn(room.changes.map(\.kind)), PostgresColumn(room.changes.map(\.model)),
            PostgresColumn(room.changes.map(\.otherModel)), PostgresColumn(room.changes.map(\.alias)),
            PostgresColumn(room.changes.map(\.body)),
            dossier.policy == RoomPolicy() ? nil : dossier.policy.recorded,
            PostgresColumn(dossier.groupRoles.map(\.group)), PostgresColumn(dossier.groupRoles.map(\.role)))
    }

    /// The number of a dossier goes on from the one that was kept.
    private static func numbering(of room: RestoredRoom) -> PostgresStatement {
        PostgresStatement(
            """
            UPDATE room_backups SET dossier = greatest(dossier, $3 + 1)
            WHERE room_id = $1 AND EXISTS (SELECT FROM rooms WHERE id = $1 AND epoch = $2)
            """, room.dossier.record.id, room.dossier.head.epoch, room.dossier.version)
    }

    package func restore(_ people: People) async throws(StoreError) {
        let (users, keys, publicKeys) = (people.users, people.accountKeys, people.publicKeys)
        try await write(
            PostgresStatement(
                """
                INSERT INTO users (id, username, created_at)
                SELECT u.* FROM unnest($1::text[], $2::text[], $3::bigint[]) AS u ON CONFLICT DO NOTHING
                """, PostgresColumn(users.map(\.id)), PostgresColumn(users.map(\.username)),
                PostgresColumn(users.map(\.createdAt))),
            PostgresStatement(
                """
                INSERT INTO account_keys (hash, user_id, name, created_at, expires_at, revoked_at)
                SELECT k.* FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
                    AS k ON CONFLICT (hash) DO NOTHING
                """, PostgresColumn(keys.map(\.hash)), PostgresColumn(keys.map(\.user)),
                PostgresColumn(keys.map(\.name)), PostgresColumn(keys.map(\.createdAt)),
                PostgresColumn(keys.map(\.expiresAt)), PostgresColumn(keys.map(\.revokedAt))),
            PostgresStatement(
                """
                INSERT INTO public_keys (id, user_id, public_key, device_name, registered_at)
                SELECT k.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS k
                ON CONFLICT DO NOTHING
                """, PostgresColumn(publicKeys.map(\.id)), PostgresColumn(publicKeys.map(\.user)),
                PostgresColumn(publicKeys.map(\.key)), PostgresColumn(publicKeys.map(\.deviceName)),
                PostgresColumn(publicKeys.map(\.registeredAt))),
            PostgresStatement("UPDATE people_version SET version = greatest(version, $1) + 1", people.version),
            isLong: true)
    }
}
