import RoomCore
import RoomStorage

extension SQLiteRecord {
    package func noteVerifying(
        _ id: UploadID, by attempt: VerificationID, until moment: Timestamp, keeping expiry: Timestamp,
        at now: Timestamp
    ) async throws(StoreError) -> VerifyingMark {
        try await write { connection throws(StoreError) in
            let noted = try connection.execute(
                """
                UPDATE uploads SET verifying_until = ?2, verifying_by = ?5, expires_at = max(expires_at, ?3)
                WHERE id = ?1 AND expires_at > ?4
                    AND (verifying_until IS NULL OR verifying_until <= ?4 OR verifying_by = ?5)
                """, id, moment, expiry, now, attempt.text)
            guard noted == 0 else { return .noted }
            let isThere = try connection.first("SELECT 1 FROM uploads WHERE id = ? AND expires_at > ?", id, now) {
                _ in true
            }
            return isThere == true ? .taken : .gone
        }
    }

    package func renewVerifying(
        _ id: UploadID, by attempt: VerificationID, until moment: Timestamp, keeping expiry: Timestamp,
        at now: Timestamp
    ) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute(
                """
                UPDATE uploads SET verifying_until = ?2, expires_at = max(expires_at, ?3)
                WHERE id = ?1 AND expires_at > ?4 AND verifying_by = ?5
                """, id, moment, expiry, now, attempt.text) > 0
        }
    }

    package func noteVerified(_ id: UploadID, by attempt: VerificationID) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "UPDATE uploads SET verifying_until = NULL, verifying_by = NULL WHERE id = ? AND verifying_by = ?", id,
                attempt.text)
        }
    }

    package func uploads(
        unverifiedSince moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [Upload] {
        try await read { connection throws(StoreError) in
            try connection.reading { () throws(StoreError) in
                let ids = try connection.rows(
                    "SELECT id FROM uploads WHERE verifying_until < ? ORDER BY verifying_until, id LIMIT ?", moment,
                    limit
                ) { row -> UploadID in row.name(0) }
                return try Self.uploads(ids, on: connection)
            }
        }
    }

    package func knows(_ parts: PartsID) async throws(StoreError) -> Bool {
        try await read { connection throws(StoreError) in
            try connection.first("SELECT 1 FROM upload_files WHERE parts_id = ?", parts.text) { _ in true } ?? false
        }
    }
}
