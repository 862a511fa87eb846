import RoomCore
import RoomStorage

extension PostgresRecord: UploadLedger {
    /// The room's row is locked first, so that of two servers one finds what the other opened.
    package func open(
        _ upload: Upload, within quota: UploadQuota?
    ) async throws(StoreError) -> UploadOpening {
        let paths = PostgresColumn(upload.files.map(\.file.path))
        let sizes = PostgresColumn(upload.files.map(\.file.size))
        let digests = PostgresColumn(upload.files.map(\.file.sha256))
        let (room, model) = (upload.room, upload.model)
        let statements = [
            PostgresStatement("SELECT FROM rooms WHERE id = $1 FOR NO KEY UPDATE", room),
            Self.use(without: upload, quota),
            PostgresStatement("\(Self.select) WHERE u.room_id = $1 AND u.model_id = $2 ORDER BY f.path", room, model),
            PostgresStatement(
                "UPDATE uploads AS u SET expires_at = greatest(expires_at, $6) WHERE \(Self.fits) AND \(Self.isSame)",
                room, model,
                paths, sizes, digests, upload.expiresAt),
            PostgresStatement(
                """
                DELETE FROM uploads AS u
                WHERE \(Self.fits) AND room_id = $1 AND model_id = $2 AND NOT (\(Self.isSame))
                """, room, model, paths, sizes, digests),
            PostgresStatement(
                """
                INSERT INTO uploads (id, room_id, model_id, started_by, created_at, expires_at)
                SELECT $3, id, $2, $4, $5, $6 FROM rooms
                WHERE \(Self.fits) AND id = $1
                    AND NOT EXISTS (SELECT FROM uploads WHERE room_id = $1 AND model_id = $2)
                """, room, model, upload.id, upload.startedBy, upload.createdAt, upload.expiresAt),
            PostgresStatement(
                """
                INSERT INTO upload_files (upload_id, path, size, sha256, blob_key, parts_id)
                SELECT u.id, f.* FROM uploads AS u
                CROSS JOIN unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[]) AS f
                WHERE u.id = $1 ON CONFLICT (upload_id, path) DO NOTHING
                """, upload.id, paths, sizes, digests, PostgresColumn(upload.files.map(\.key.path)),
                PostgresColumn(upload.files.map(\.parts?.text))),
        ]
        let (use, standing) = try await perform(statements, .repeatableWrite) { answers throws(StoreError) in
            let use = answers[1].first { row in
                row.text(2).isEmpty ? nil : RoomUse(bytes: row.integer(1), models: row.integer(0))
            }
            return (use ?? nil, Self.uploads(try answers[2].map(Self.row)).first)
        }
        if let use { return .full(use) }
        if let standing, standing.isSame(as: upload) {
            return .opened(OpenedUpload(upload: standing.renewed(until: upload.expiresAt), replaced: nil))
        }
        return .opened(OpenedUpload(upload: upload, replaced: standing))
    }

    /// What the room's other models use, or have reserved with uploads that have not expired; and whether that leaves
    /// room for this one, noted for the rest of the transaction, which changes nothing that was counted.
    private static func use(without upload: Upload, _ quota: UploadQuota?) -> PostgresStatement {
        guard let quota else {
            return PostgresStatement("SELECT 0::bigint, 0::bigint, set_config('sleap_rooms.full', '', true)")
        }
        let standing = quota.standing.filter { $0.key != upload.model }
        return PostgresStatement(
            """
            SELECT models, bytes, set_config('sleap_rooms.full', CASE
                WHEN ($6 > 0 AND bytes + $8::numeric > $6) OR ($7 > 0 AND models >= $7) THEN 'yes' ELSE '' END, true)
            FROM (
                SELECT count(*) AS models,
                    coalesce(sum(greatest(coalesce(u.size, 0), coalesce(s.size, 0))), 0)::bigint AS bytes
                FROM (
                    SELECT model_id, (SELECT sum(size) FROM upload_files WHERE upload_id = uploads.id) AS size
                    FROM uploads WHERE room_id = $1 AND model_id <> $2 AND expires_at > $3
                ) AS u FULL JOIN unnest($4::text[], $5::bigint[]) AS s (model_id, size)
                    ON s.model_id COLLATE "C" = u.model_id
            ) AS used
            """, upload.room, upload.model, upload.createdAt, PostgresColumn(standing.map(\.key)),
            PostgresColumn(standing.map(\.value)), quota.bytes, quota.models, upload.bytes)
    }

    private static let fits = "current_setting('sleap_rooms.full') = ''"

    /// Whether the upload `u` of a room and model is for just these paths, sizes and digests: `$1` to `$5`.
    private static let isSame = """
        u.room_id = $1 AND u.model_id = $2
        AND (SELECT count(*) FROM upload_files WHERE upload_id = u.id) = cardinality($3::text[])
        AND NOT EXISTS (
            SELECT FROM unnest($3::text[], $4::bigint[], $5::text[]) AS a (path, size, sha256)
            WHERE NOT EXISTS (SELECT FROM upload_files AS f WHERE f.upload_id = u.id AND f.path = a.path COLLATE "C"
                AND f.size = a.size AND f.sha256 = a.sha256 COLLATE "C"))
        """

    package func upload(_ id: UploadID) async throws(StoreError) -> Upload? {
        Self.uploads(try await rows(PostgresStatement("\(Self.select) WHERE u.id = $1 ORDER BY f.path", id), Self.row))
            .first
    }

    package func noteParts(
        _ parts: PartsID?, of path: String, in upload: UploadID, expecting expected: PartsID?
    ) async throws(StoreError) -> PartsID? {
        let statements = [
            PostgresStatement(
                """
                UPDATE upload_files SET parts_id = $3
                WHERE upload_id = $1 AND path = $2 AND parts_id IS NOT DISTINCT FROM $4
                """, upload, path, parts?.text, expected?.text),
            PostgresStatement("SELECT parts_id FROM upload_files WHERE upload_id = $1 AND path = $2", upload, path),
        ]
        let standing = try await perform(statements, .repeatableWrite) { answers throws(StoreError) in
            answers[1].first { row -> PartsID? in row.isNull(0) ? nil : PartsID(row.text(0)) }
        }
        return standing ?? nil
    }

    package func uploads(in room: RoomID) async throws(StoreError) -> [Upload] {
        let statement = PostgresStatement("\(Self.select) WHERE u.room_id = $1 ORDER BY u.id, f.path", room)
        return Self.uploads(try await rows(statement, Self.row))
    }

    package func uploads(
        expiredBefore moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [Upload] {
        let statement = PostgresStatement(
            """
            \(Self.select) WHERE u.id IN (
                SELECT id FROM uploads WHERE expires_at < $1 ORDER BY expires_at, id LIMIT $2)
            ORDER BY u.expires_at, u.id, f.path
            """, moment, limit)
        return Self.uploads(try await rows(statement, Self.row))
    }

    package func close(_ id: UploadID, expiring moment: Timestamp) async throws(StoreError) -> Bool {
        try await write(
            PostgresStatement("DELETE FROM uploads WHERE id = $1 AND expires_at = $2", id, moment), kind: .write) > 0
    }

    // MARK: - Rows

    static let select = """
        SELECT u.id, u.room_id, u.model_id, u.started_by, u.created_at, u.expires_at,
            f.path, f.size, f.sha256, f.blob_key, f.parts_id
        FROM uploads AS u LEFT JOIN upload_files AS f ON f.upload_id = u.id
        """

    /// An upload with the one file of its row, or with none.
    static func row(_ row: PostgresRow) throws(StoreError) -> Upload {
        var files: [UploadFile] = []
        if !row.isNull(6) {
            guard let key = BlobKey(row.text(9)) else {
                throw .corrupt("the key of a file in upload_files is no key: restore a backup of the record")
            }
            files = [
                UploadFile(
                    file: ModelFile(path: row.text(6), size: row.integer(7), sha256: row.name(8)), key: key,
                    parts: row.isNull(10) ? nil : PartsID(row.text(10)))
            ]
        }
        return Upload(
            id: row.name(0), room: row.name(1), model: row.name(2), startedBy: row.name(3), createdAt: row.moment(4),
            expiresAt: row.moment(5), files: files)
    }

    /// Rows of one upload stand together.
    static func uploads(_ rows: [Upload]) -> [Upload] {
        var uploads: [Upload] = []
        for row in rows {
            if let last = uploads.last, last.id == row.id {
                uploads[uploads.count - 1] = last.adding(row.files)
            } else {
                uploads.append(row)
            }
        }
        return uploads
    }
}

extension Upload {
    fileprivate func adding(_ more: [UploadFile]) -> Upload {
        Upload(
            id: id, room: room, model: model, startedBy: startedBy, createdAt: createdAt, expiresAt: expiresAt,
            files: files + more)
    }
}

extension UploadID: PostgresBindable {}
