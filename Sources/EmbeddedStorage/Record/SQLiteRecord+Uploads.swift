import RoomCore
import RoomStorage

extension SQLiteRecord: UploadLedger {
    package func open(
        _ upload: Upload, within quota: UploadQuota?
    ) async throws(StoreError) -> UploadOpening {
        try await write(bytes: upload.files.reduce(0) { $0 + $1.file.path.utf8.count + $1.key.path.utf8.count + 128 }) {
            connection throws(StoreError) in
            if let quota {
                let use = try Self.use(without: upload, quota, on: connection)
                guard quota.allows(use, and: upload) else { return .full(use) }
            }
            let standing = try connection.first(
                "SELECT id FROM uploads WHERE room_id = ? AND model_id = ?", upload.room, upload.model
            ) { row -> UploadID in row.name(0) }
            let open = try standing.flatMap { id throws(StoreError) in try Self.upload(id, on: connection) }
            if let open, open.isSame(as: upload) {
                let renewed = open.renewed(until: upload.expiresAt)
                try connection.execute(
                    "UPDATE uploads SET expires_at = ?2 WHERE id = ?1", renewed.id, renewed.expiresAt)
                return .opened(OpenedUpload(upload: renewed, replaced: nil))
            }
            if let open { try connection.execute("DELETE FROM uploads WHERE id = ?", open.id) }
            try Self.insert(upload, on: connection)
            return .opened(OpenedUpload(upload: upload, replaced: open))
        }
    }

    /// What the room's other models use, or have reserved with uploads that have not expired.
    private static func use(
        without upload: Upload, _ quota: UploadQuota, on connection: SQLiteConnection
    ) throws(StoreError) -> RoomUse {
        var sizes = quota.standing
        sizes[upload.model] = nil
        let reserved = try connection.rows(
            """
            SELECT u.model_id, (SELECT coalesce(sum(size), 0) FROM upload_files WHERE upload_id = u.id)
            FROM uploads AS u WHERE u.room_id = ? AND u.model_id <> ? AND u.expires_at > ?
            """, upload.room, upload.model, upload.createdAt
        ) { row -> (model: ModelID, size: Int) in (row.name(0), row.integer(1)) }
        for upload in reserved { sizes[upload.model] = max(sizes[upload.model] ?? 0, upload.size) }
        return RoomUse(bytes: sizes.values.reduce(0, +), models: sizes.count)
    }

    package func upload(_ id: UploadID) async throws(StoreError) -> Upload? {
        try await read { connection throws(StoreError) in try Self.upload(id, on: connection) }
    }

    package func noteParts(
        _ parts: PartsID?, of path: String, in upload: UploadID, expecting expected: PartsID?
    ) async throws(StoreError) -> PartsID? {
        try await write { connection throws(StoreError) in
            try connection.execute(
                "UPDATE upload_files SET parts_id = ?3 WHERE upload_id = ?1 AND path = ?2 AND parts_id IS ?4",
                upload, path, parts?.text, expected?.text)
            let standing = try connection.first(
                "SELECT parts_id FROM upload_files WHERE upload_id = ? AND path = ?", upload, path
            ) { row -> PartsID? in row.isNull(0) ? nil : PartsID(row.text(0)) }
            return standing ?? nil
        }
    }

    package func uploads(in room: RoomID) async throws(StoreError) -> [Upload] {
        try await read { connection throws(StoreError) in
            try connection.reading { () throws(StoreError) in
                let ids = try connection.rows("SELECT id FROM uploads WHERE room_id = ? ORDER BY id", room) {
                    row -> UploadID in row.name(0)
                }
                return try Self.uploads(ids, on: connection)
            }
        }
    }

    package func uploads(
        expiredBefore moment: Timestamp, limit: Int
    ) async throws(StoreError) -> [Upload] {
        try await read { connection throws(StoreError) in
            try connection.reading { () throws(StoreError) in
                let ids = try connection.rows(
                    "SELECT id FROM uploads WHERE expires_at < ? ORDER BY expires_at, id LIMIT ?", moment, limit
                ) { row -> UploadID in row.name(0) }
                return try Self.uploads(ids, on: connection)
            }
        }
    }

    package func close(_ id: UploadID, expiring moment: Timestamp) async throws(StoreError) -> Bool {
        try await write { connection throws(StoreError) in
            try connection.execute("DELETE FROM uploads WHERE id = ? AND expires_at = ?", id, moment) > 0
        }
    }

    static func uploads(
        _ ids: [UploadID], on connection: SQLiteConnection
    ) throws(StoreError) -> [Upload] {
        var uploads: [Upload] = []
        for id in ids {
            if let upload = try upload(id, on: connection) { uploads.append(upload) }
        }
        return uploads
    }

    private static func insert(_ upload: Upload, on connection: SQLiteConnection) throws(StoreError) {
        let kept = try connection.execute(
            """
            INSERT INTO uploads (id, room_id, model_id, started_by, created_at, expires_at)
            SELECT ?1, id, ?3, ?4, ?5, ?6 FROM rooms WHERE id = ?2
            """,
            upload.id, upload.room, upload.model, upload.startedBy, upload.createdAt, upload.expiresAt)
        guard kept == 1 else { return }
        for file in upload.files {
            try connection.execute(
                """
                INSERT INTO upload_files (upload_id, path, size, sha256, blob_key, parts_id)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                upload.id, file.file.path, file.file.size, file.file.sha256, file.key.path, file.parts?.text)
        }
    }

    private static func upload(_ id: UploadID, on connection: SQLiteConnection) throws(StoreError) -> Upload? {
        let files = try connection.rows(
            "SELECT path, size, sha256, blob_key, parts_id FROM upload_files WHERE upload_id = ? ORDER BY path", id
        ) { row throws(StoreError) -> UploadFile in
            guard let key = BlobKey(row.text(3)) else {
                throw .corrupt("the key of a file in upload_files is no key: restore a backup of the record")
            }
            return UploadFile(
                file: ModelFile(path: row.text(0), size: row.integer(1), sha256: row.name(2)), key: key,
                parts: row.isNull(4) ? nil : PartsID(row.text(4)))
        }
        return try connection.first(
            "SELECT id, room_id, model_id, started_by, created_at, expires_at FROM uploads WHERE id = ?", id
        ) { row in
            Upload(
                id: row.name(0), room: row.name(1), model: row.name(2), startedBy: row.name(3),
                createdAt: row.moment(4), expiresAt: row.moment(5), files: files)
        }
    }
}
