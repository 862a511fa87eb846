import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func registerPublicKey(_ key: PublicKey) async throws(StoreError) -> PublicKey {
        try await write { connection throws(StoreError) in
            try Self.insert(key, on: connection)
            let standing = try connection.first(
                """
                SELECT id, user_id, public_key, device_name, registered_at FROM public_keys
                WHERE user_id = ? AND public_key = ?
                """, key.user, key.key, read: Self.publicKey)
            return standing ?? key
        }
    }

    package func publicKeys(of user: UserID) async throws(StoreError) -> [PublicKey] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT id, user_id, public_key, device_name, registered_at FROM public_keys
                WHERE user_id = ? ORDER BY registered_at, id
                """, user, read: Self.publicKey)
        }
    }

    package func publicKeys(in room: RoomID) async throws(StoreError) -> [PublicKey] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT DISTINCT k.id, k.user_id, k.public_key, k.device_name, k.registered_at
                FROM standings AS m JOIN public_keys AS k ON k.user_id = m.user_id
                WHERE m.room_id = ? ORDER BY k.registered_at, k.id
                """, room, read: Self.publicKey)
        }
    }

    package func removePublicKey(_ id: PublicKeyID, of user: UserID) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM public_keys WHERE id = ? AND user_id = ?", id, user) > 0
        }
    }

    static func insert(_ key: PublicKey, on connection: SQLiteConnection) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO public_keys (id, user_id, public_key, device_name, registered_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """, key.id, key.user, key.key, key.deviceName, key.registeredAt)
    }

    static func publicKey(_ row: SQLiteStatement) -> PublicKey {
        PublicKey(
            id: row.name(0), user: row.name(1), key: row.name(2), deviceName: row.text(3), registeredAt: row.moment(4))
    }
}
