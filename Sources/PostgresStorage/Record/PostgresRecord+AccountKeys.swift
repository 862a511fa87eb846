import RoomCore
import RoomStorage

extension PostgresRecord {
    package func createAccountKey(_ key: AccountKey) async throws(StoreError) {
        try await write(
            PostgresStatement(
                """
                INSERT INTO account_keys (hash, user_id, name, created_at, expires_at, revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (hash) DO NOTHING
                """, key.hash, key.user, key.name, key.createdAt, key.expiresAt, key.revokedAt))
    }

    package func accountKey(_ hash: SecretHash) async throws(StoreError) -> AccountKey? {
        let statement = PostgresStatement(
            "SELECT hash, user_id, name, created_at, expires_at, revoked_at FROM account_keys WHERE hash = $1", hash)
        return try await first(statement, Self.accountKey)
    }

    package func accountKeys(of user: UserID) async throws(StoreError) -> [AccountKey] {
        let statement = PostgresStatement(
            """
            SELECT hash, user_id, name, created_at, expires_at, revoked_at FROM account_keys
            WHERE user_id = $1 ORDER BY created_at, hash
            """, user)
        return try await rows(statement, Self.accountKey)
    }

    package func revokeAccountKey(_ hash: SecretHash, at moment: Timestamp) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(
            "UPDATE account_keys SET revoked_at = coalesce(revoked_at, $2) WHERE hash = $1", hash, moment)
        return try await write(statement) > 0
    }

    package func deleteAccountKey(_ hash: SecretHash) async throws(StoreError) -> Bool {
        try await write(PostgresStatement("DELETE FROM account_keys WHERE hash = $1", hash), kind: .write) > 0
    }

    @Sendable private static func accountKey(_ row: PostgresRow) -> AccountKey {
        AccountKey(
            hash: row.name(0), user: row.name(1), name: row.text(2), createdAt: row.moment(3),
            expiresAt: row.optionalMoment(4), revokedAt: row.optionalMoment(5))
    }
}
