import RoomCore
import RoomStorage

extension PostgresRecord {
    package func noteVerifying(
        _ id: UploadID, by attempt: VerificationID, until moment: Timestamp, keeping expiry: Timestamp,
        at now: Timestamp
    ) async throws(StoreError) -> VerifyingMark {
        let statements = [
            PostgresStatement(
                """
                UPDATE uploads SET verifying_until = $2, verifying_by = $5, expires_at = greatest(expires_at, $3)
                WHERE id = $1 AND expires_at > $4
                    AND (verifying_until IS NULL OR verifying_until <= $4 OR verifying_by = $5)
                """, id, moment, expiry, now, attempt.text),
            PostgresStatement("SELECT 1 FROM uploads WHERE id = $1 AND expires_at > $2", id, now),
        ]
        return try await perform(statements, .repeatableWrite) { answers throws(StoreError) in
            guard answers[0].affected == 0 else { return .noted }
            return answers[1].count > 0 ? .taken : .gone
        }
    }

    package func renewVerifying(
        _ id: UploadID, by attempt: VerificationID, until moment: Timestamp, keeping expiry: Timestamp,
        at now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write(
            PostgresStatement(
                """
                UPDATE uploads SET verifying_until = $2, expires_at = greatest(expires_at, $3)
                WHERE id = $1 AND expires_at > $4 AND verifying_by = $5
                """, id, moment, expiry, now, attempt.text)) > 0
    }

    package func noteVerified(_ id: UploadID, by attempt: VerificationID) async throws(StoreError) {
        try await write(
            PostgresStatement(
                "UPDATE uploads SET verifying_until = NULL, verifying_by = NULL WHERE id = $1 AND verifying_by = $2",
                id, attempt.text))
    }

    package func uploads(
        unverifiedSince moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [Upload] {
        let statement = PostgresStatement(
            """
            \(Self.select) WHERE u.id IN (
                SELECT id FROM uploads WHERE verifying_until < $1 ORDER BY verifying_until, id LIMIT $2)
            ORDER BY u.verifying_until, u.id, f.path
            """, moment, limit)
        return Self.uploads(try await rows(statement, Self.row))
    }

    package func knows(_ parts: PartsID) async throws(StoreError) -> Bool {
        let statement = PostgresStatement("SELECT 1 FROM upload_files WHERE parts_id = $1 LIMIT 1", parts.text)
        return try await first(statement) { _ in true } ?? false
    }
}
