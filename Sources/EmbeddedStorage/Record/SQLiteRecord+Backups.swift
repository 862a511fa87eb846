import RoomCore
import RoomStorage

extension SQLiteRecord: BackupSource {
    package func installationValue(
        _ name: String, orElse candidate: String
    ) async throws(StoreError) -> String {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "INSERT INTO installation_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name,
                candidate)
            let value = try connection.first("SELECT value FROM installation_values WHERE name = ?", name) {
                $0.text(0)
            }
            return value ?? candidate
        }
    }

    package func claimBackups(
        by server: ServerID, at now: Timestamp, forSeconds term: Int64, limit: Int
    ) async throws(StoreError) -> [BackupClaim] {
        // Nothing is due most of the time, and a read waits for nobody.
        guard try await oldestDueBackup() != nil else { return [] }
        return try await write { connection throws(StoreError) in
            let claims = try connection.rows(
                """
                SELECT room_id, since, deleted_at FROM (
                    SELECT b.room_id, b.deleted_at, min(
                        coalesce(b.deleted_at, 9223372036854775807),
                        iif(b.dossier <> b.kept_dossier, b.dossier_at, 9223372036854775807),
                        iif(r.revision <> b.kept_revision, coalesce(
                            (SELECT at FROM changes AS c WHERE c.room_id = r.id AND c.revision = b.kept_revision + 1),
                            b.dossier_at), 9223372036854775807)) AS since
                    FROM room_backups AS b LEFT JOIN rooms AS r ON r.id = b.room_id
                    WHERE (b.deleted_at IS NOT NULL OR b.dossier <> b.kept_dossier OR r.revision <> b.kept_revision)
                        AND (b.claimed_by IS NULL OR b.claimed_until <= ?1))
                ORDER BY since, room_id LIMIT ?2
                """, now, max(0, limit)
            ) { row in BackupClaim(room: row.name(0), dueSince: row.moment(1), deletedAt: row.optionalMoment(2)) }
            for claim in claims {
                try connection.execute(
                    "UPDATE room_backups SET claimed_by = ?2, claimed_until = ?3 WHERE room_id = ?1", claim.room,
                    server.text, now.advanced(bySeconds: term))
            }
            return claims
        }
    }

    package func note(_ backup: BackupNote, by server: ServerID) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            switch backup.state {
            case .room(let epoch, let revision, let dossier):
                try connection.execute(
                    """
                    UPDATE room_backups SET kept_epoch = ?3, kept_revision = ?4, kept_dossier = ?5, claimed_by = NULL
                    WHERE room_id = ?1 AND claimed_by = ?2
                    """, backup.room, server.text, epoch, revision, dossier)
            case .deletion:
                try connection.execute(
                    "DELETE FROM room_backups WHERE room_id = ? AND claimed_by = ? AND deleted_at IS NOT NULL",
                    backup.room, server.text)
                try connection.execute(
                    "UPDATE room_backups SET claimed_by = NULL WHERE room_id = ? AND claimed_by = ?", backup.room,
                    server.text)
            }
        }
    }

    package func releaseBackup(of room: RoomID, by server: ServerID) async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "UPDATE room_backups SET claimed_by = NULL WHERE room_id = ? AND claimed_by = ?", room, server.text)
        }
    }

    package func oldestDueBackup() async throws(StoreError) -> Timestamp? {
        try await read { connection throws(StoreError) in
            let since = try connection.first(
                """
                SELECT min(min(
                    coalesce(b.deleted_at, 9223372036854775807),
                    iif(b.dossier <> b.kept_dossier, b.dossier_at, 9223372036854775807),
                    iif(r.revision <> b.kept_revision, coalesce(
                        (SELECT at FROM changes AS c WHERE c.room_id = r.id AND c.revision = b.kept_revision + 1),
                        b.dossier_at), 9223372036854775807)))
                FROM room_backups AS b LEFT JOIN rooms AS r ON r.id = b.room_id
                WHERE b.deleted_at IS NOT NULL OR b.dossier <> b.kept_dossier OR r.revision <> b.kept_revision
                """
            ) { $0.optionalMoment(0) }
            return since ?? nil
        }
    }

    package func forgetBackups() async throws(StoreError) {
        try await write { connection throws(StoreError) in
            try connection.execute(
                """
                UPDATE room_backups SET kept_epoch = NULL, kept_revision = 0, kept_dossier = 0,
                    dossier_at = iif(dossier <> kept_dossier, dossier_at,
                        CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000)
                """)
        }
    }
}
