import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func createWorkerToken(_ token: WorkerToken) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute(
                """
                INSERT INTO worker_tokens (hash, room_id, worker, created_by, created_at, expires_at, revoked_at)
                SELECT ?1, id, ?3, ?4, ?5, ?6, ?7 FROM rooms WHERE id = ?2 ON CONFLICT (hash) DO NOTHING
                """,
                token.hash, token.room, token.worker, token.createdBy, token.createdAt, token.expiresAt,
                token.revokedAt)
        }
    }

    package func workerToken(_ hash: SecretHash) async throws(StoreError) -> WorkerToken? {
        try await read { connection throws(StoreError) in
            try connection.first(
                """
                SELECT hash, room_id, worker, created_by, created_at, expires_at, revoked_at
                FROM worker_tokens WHERE hash = ?
                """,
                hash, read: Self.workerToken)
        }
    }

    package func workerTokens(createdBy user: UserID) async throws(StoreError) -> [WorkerToken] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT hash, room_id, worker, created_by, created_at, expires_at, revoked_at
                FROM worker_tokens WHERE created_by = ? ORDER BY created_at, hash
                """,
                user, read: Self.workerToken)
        }
    }

    package func workerTokens(in room: RoomID) async throws(StoreError) -> [WorkerToken] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT hash, room_id, worker, created_by, created_at, expires_at, revoked_at
                FROM worker_tokens WHERE room_id = ? ORDER BY created_at, hash
                """, room, read: Self.workerToken)
        }
    }

    package func revokeWorkerToken(_ hash: SecretHash, at moment: Timestamp) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "UPDATE worker_tokens SET revoked_at = coalesce(revoked_at, ?2) WHERE hash = ?1", hash, moment) > 0
        }
    }

    package func deleteWorkerToken(_ hash: SecretHash) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM worker_tokens WHERE hash = ?", hash) > 0
        }
    }

    private static func workerToken(_ row: SQLiteStatement) -> WorkerToken {
        WorkerToken(
            hash: row.name(0), room: row.name(1), worker: row.name(2), createdBy: row.name(3),
            createdAt: row.moment(4), expiresAt: row.optionalMoment(5), revokedAt: row.optionalMoment(6))
    }
}
