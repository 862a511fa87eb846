import RoomCore
import RoomStorage

extension PostgresRecord: BackupSource {
    package func installationValue(
        _ name: String, orElse candidate: String
    ) async throws(StoreError) -> String {
        let statements = [
            PostgresStatement(
                "INSERT INTO installation_values (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name,
                candidate),
            PostgresStatement("SELECT value FROM installation_values WHERE name = $1", name),
        ]
        return try await perform(statements, .repeatableWrite) { $0.last?.first { $0.text(0) } ?? candidate }
    }

    /// Rooms that another server claims at this moment are passed over, not waited for.
    package func claimBackups(
        by server: ServerID, at now: Timestamp, forSeconds term: Int64, limit: Int
    ) async throws(StoreError) -> [BackupClaim] {
        let statement = PostgresStatement(
            """
            WITH due AS MATERIALIZED (
                SELECT b.room_id, \(Self.since) AS since
                FROM room_backups AS b LEFT JOIN rooms AS r ON r.id = b.room_id
                WHERE \(Self.isDue) AND (b.claimed_by IS NULL OR b.claimed_until <= $2)
                ORDER BY since, b.room_id LIMIT $4 FOR UPDATE OF b SKIP LOCKED
            ), claimed AS (
                UPDATE room_backups AS b SET claimed_by = $1, claimed_until = $3 FROM due WHERE b.room_id = due.room_id
                RETURNING b.room_id, due.since, b.deleted_at
            )
            SELECT room_id, since, deleted_at FROM claimed ORDER BY since, room_id
            """, server.text, now, now.advanced(bySeconds: term), max(0, limit))
        return try await perform([statement], .write) { answers throws(StoreError) in
            answers[0].map { row in
                BackupClaim(room: row.name(0), dueSince: row.moment(1), deletedAt: row.optionalMoment(2))
            }
        }
    }

    private static let isDue =
        "(b.deleted_at IS NOT NULL OR b.dossier <> b.kept_dossier OR r.revision <> b.kept_revision)"

    /// `least` passes NULLs over.
    private static let since = """
        least(b.deleted_at, CASE WHEN b.dossier <> b.kept_dossier THEN b.dossier_at END,
            CASE WHEN r.revision <> b.kept_revision THEN coalesce((SELECT c.at FROM changes AS c
                WHERE c.room_id = r.id AND c.revision = b.kept_revision + 1), b.dossier_at) END)
        """

    package func note(_ backup: BackupNote, by server: ServerID) async throws(StoreError) {
        switch backup.state {
        case .room(let epoch, let revision, let dossier):
            try await write(
                PostgresStatement(
                    """
                    UPDATE room_backups SET kept_epoch = $3, kept_revision = $4, kept_dossier = $5, claimed_by = NULL
                    WHERE room_id = $1 AND claimed_by = $2
                    """, backup.room, server.text, epoch, revision, dossier))
        case .deletion:
            try await write(
                PostgresStatement(
                    "DELETE FROM room_backups WHERE room_id = $1 AND claimed_by = $2 AND deleted_at IS NOT NULL",
                    backup.room, server.text), release(backup.room, server))
        }
    }

    package func releaseBackup(of room: RoomID, by server: ServerID) async throws(StoreError) {
        try await write(release(room, server))
    }

    private func release(_ room: RoomID, _ server: ServerID) -> PostgresStatement {
        PostgresStatement(
            "UPDATE room_backups SET claimed_by = NULL WHERE room_id = $1 AND claimed_by = $2", room, server.text)
    }

    package func oldestDueBackup() async throws(StoreError) -> Timestamp? {
        let statement = PostgresStatement(
            """
            SELECT min(\(Self.since)) FROM room_backups AS b LEFT JOIN rooms AS r ON r.id = b.room_id
            WHERE \(Self.isDue)
            """)
        return try await first(statement) { $0.optionalMoment(0) } ?? nil
    }

    package func forgetBackups() async throws(StoreError) {
        try await write(
            PostgresStatement(
                """
                UPDATE room_backups SET kept_epoch = NULL, kept_revision = 0, kept_dossier = 0,
                    dossier_at = CASE WHEN dossier <> kept_dossier THEN dossier_at
                        ELSE (extract(epoch FROM clock_timestamp()) * 1000000)::bigint END
                """), isLong: true)
    }
}
