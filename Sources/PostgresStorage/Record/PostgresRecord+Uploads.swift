import RoomCore
import RoomStorage

extension PostgresRecord: UploadLedger {
    /// The room's row is locked first, so that of two servers one finds what the other opened.
    package func open(_ upload: Upload) async throws(StoreError) -> OpenedUpload {
        let paths = PostgresColumn(upload.files.map(\.file.path))
        let sizes = PostgresColumn(upload.files.map(\.file.size))
        let digests = PostgresColumn(upload.files.map(\.file.sha256))
        let (room, model) = (upload.room, upload.model)
        let statements = [
            PostgresStatement("SELECT FROM rooms WHERE id = $1 FOR NO KEY UPDATE", room),
            PostgresStatement("\(Self.select) WHERE u.room_id = $1 AND u.model_id = $2 ORDER BY f.path", room, model),
            PostgresStatement(
                "UPDATE uploads AS u SET expires_at = greatest(expires_at, $6) WHERE \(Self.isSame)", room, model,
                paths, sizes, digests, upload.expiresAt),
            PostgresStatement(
                "DELETE FROM uploads AS u WHERE room_id = $1 AND model_id = $2 AND NOT (\(Self.isSame))", room, model,
                paths, sizes, digests),
            PostgresStatement(
                """
                INSERT INTO uploads (id, room_id, model_id, started_by, created_at, expires_at)
                SELECT $3, id, $2, $4, $5, $6 FROM rooms
                WHERE id = $1 AND NOT EXISTS (SELECT FROM uploads WHERE room_id = $1 AND model_id = $2)
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
        let standing = try await perform(statements, .repeatableWrite) { answers throws(StoreError) in
            Self.uploads(try answers[1].map(Self.row)).first
        }
        if let standing, standing.isSame(as: upload) {
            return OpenedUpload(upload: standing.renewed(until: upload.expiresAt), replaced: nil)
        }
        return OpenedUpload(upload: upload, replaced: standing)
    }

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

    private static let select = """
        SELECT u.id, u.room_id, u.model_id, u.started_by, u.created_at, u.expires_at,
            f.path, f.size, f.sha256, f.blob_key, f.parts_id
        FROM uploads AS u LEFT JOIN upload_files AS f ON f.upload_id = u.id
        """

    /// An upload with the one file of its row, or with none.
    private static func row(_ row: PostgresRow) throws(StoreError) -> Upload {
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
    private static func uploads(_ rows: [Upload]) -> [Upload] {
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
