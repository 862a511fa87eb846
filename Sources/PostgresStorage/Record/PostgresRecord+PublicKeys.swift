import RoomCore
import RoomStorage

extension PostgresRecord {
    package func registerPublicKey(_ key: PublicKey) async throws(StoreError) -> PublicKey {
        // The second statement sees what another server made while the first waited for it.
        let statements = [
            PostgresStatement(
                """
                INSERT INTO public_keys (id, user_id, public_key, device_name, registered_at)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
                """, key.id, key.user, key.key, key.deviceName, key.registeredAt),
            PostgresStatement(
                """
                SELECT id, user_id, public_key, device_name, registered_at FROM public_keys
                WHERE user_id = $1 AND public_key = $2
                """, key.user, key.key),
        ]
        return try await perform(statements, .repeatableWrite) { $0.last?.first(Self.publicKey) ?? key }
    }

    package func publicKeys(of user: UserID) async throws(StoreError) -> [PublicKey] {
        let statement = PostgresStatement(
            """
            SELECT id, user_id, public_key, device_name, registered_at FROM public_keys
            WHERE user_id = $1 ORDER BY registered_at, id
            """, user)
        return try await rows(statement, Self.publicKey)
    }

    package func publicKeys(in room: RoomID) async throws(StoreError) -> [PublicKey] {
        let statement = PostgresStatement(
            """
            SELECT DISTINCT k.id, k.user_id, k.public_key, k.device_name, k.registered_at
            FROM standings AS m JOIN public_keys AS k ON k.user_id = m.user_id
            WHERE m.room_id = $1 ORDER BY k.registered_at, k.id
            """, room)
        return try await rows(statement, Self.publicKey)
    }

    package func removePublicKey(_ id: PublicKeyID, of user: UserID) async throws(StoreError) -> Bool {
        let statement = PostgresStatement("DELETE FROM public_keys WHERE id = $1 AND user_id = $2", id, user)
        return try await write(statement, kind: .write) > 0
    }

    @Sendable static func publicKey(_ row: PostgresRow) -> PublicKey {
        PublicKey(
            id: row.name(0), user: row.name(1), key: row.name(2), deviceName: row.text(3), registeredAt: row.moment(4))
    }
}
