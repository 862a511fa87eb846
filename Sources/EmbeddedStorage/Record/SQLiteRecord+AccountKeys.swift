import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func createAccountKey(_ key: AccountKey) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute(
                """
                INSERT INTO account_keys (hash, user_id, name, created_at, expires_at, revoked_at)
                VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING
                """,
                key.hash, key.user, key.name, key.createdAt, key.expiresAt, key.revokedAt)
        }
    }

    package func accountKey(_ hash: SecretHash) async throws(StoreError) -> AccountKey? {
        try await read { connection throws(StoreError) in
            try connection.first(
                "SELECT hash, user_id, name, created_at, expires_at, revoked_at FROM account_keys WHERE hash = ?",
                hash, read: Self.accountKey)
        }
    }

    package func accountKeys(of user: UserID) async throws(StoreError) -> [AccountKey] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT hash, user_id, name, created_at, expires_at, revoked_at FROM account_keys
                WHERE user_id = ? ORDER BY created_at, hash
                """,
                user, read: Self.accountKey)
        }
    }

    package func revokeAccountKey(_ hash: SecretHash, at moment: Timestamp) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "UPDATE account_keys SET revoked_at = coalesce(revoked_at, ?2) WHERE hash = ?1", hash, moment) > 0
        }
    }

    package func deleteAccountKey(_ hash: SecretHash) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM account_keys WHERE hash = ?", hash) > 0
        }
    }

    private static func accountKey(_ row: SQLiteStatement) -> AccountKey {
        AccountKey(
            hash: row.name(0), user: row.name(1), name: row.text(2), createdAt: row.moment(3),
            expiresAt: row.optionalMoment(4), revokedAt: row.optionalMoment(5))
    }
}
