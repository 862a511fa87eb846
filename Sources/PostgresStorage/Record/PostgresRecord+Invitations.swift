import RoomCore
import RoomStorage

extension PostgresRecord {
    package func invite(_ invitation: Invitation) async throws(StoreError) -> Bool {
        let statement = PostgresStatement(
            """
            INSERT INTO invitations (code, room_id, role, made_by, made_at, expires_at, uses, used)
            SELECT $1, id, $3, $4, $5, $6, $7, $8 FROM rooms WHERE id = $2 FOR KEY SHARE ON CONFLICT (code) DO NOTHING
            """, invitation.code, invitation.room, invitation.role, invitation.madeBy, invitation.madeAt,
            invitation.expiresAt, invitation.uses, invitation.used)
        return try await write(statement, kind: .write) > 0
    }

    package func invitation(_ code: SecretHash) async throws(StoreError) -> Invitation? {
        let statement = PostgresStatement(
            """
            SELECT code, room_id, role, made_by, made_at, expires_at, uses, used FROM invitations WHERE code = $1
            """, code)
        return try await first(statement) { row throws(StoreError) in
            Invitation(
                code: row.name(0), room: row.name(1), role: try Self.role(row, 2), madeBy: row.name(3),
                madeAt: row.moment(4), expiresAt: row.moment(5), uses: row.isNull(6) ? nil : row.integer(6),
                used: row.integer(7))
        }
    }

    package func redeem(
        _ code: SecretHash, for user: UserID, at moment: Timestamp
    ) async throws(StoreError) -> Bool {
        let statements = [
            // Those of one invitation come one after another, and each counts those before it.
            PostgresStatement("SELECT FROM invitations WHERE code = $1 FOR NO KEY UPDATE", code),
            PostgresStatement(
                """
                WITH joined AS (
                    INSERT INTO members (room_id, user_id, role, joined_at)
                    SELECT i.room_id, $2, i.role, $3 FROM invitations AS i
                    WHERE i.code = $1 AND (i.uses IS NULL OR i.used < i.uses) AND NOT EXISTS (
                        SELECT FROM removals AS r
                        WHERE r.room_id = i.room_id AND r.user_id = $2 AND r.at >= i.made_at)
                    ON CONFLICT (room_id, user_id) DO NOTHING RETURNING room_id
                )
                UPDATE invitations SET used = used + 1 WHERE code = $1 AND EXISTS (SELECT FROM joined)
                """, code, user, moment),
        ]
        return try await perform(statements, .write) { $0[1].affected > 0 }
    }

    package func forgetInvitations(endedBefore moment: Timestamp) async throws(StoreError) {
        try await write(PostgresStatement("DELETE FROM invitations WHERE expires_at < $1", moment))
    }
}
