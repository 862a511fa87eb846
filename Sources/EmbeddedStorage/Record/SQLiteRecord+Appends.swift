import RoomCore
import RoomStorage

extension SQLiteRecord: ManifestStore {
    package func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        try await write(bytes: request.weight) { connection throws(StoreError) in
            try Self.append(request, on: connection)
        }
    }

    package func head(of room: RoomID) async throws(StoreError) -> RoomHead? {
        try await read { connection throws(StoreError) in try Self.head(of: room, on: connection) }
    }

    static func head(of room: RoomID, on connection: SQLiteConnection) throws(StoreError) -> RoomHead? {
        try connection.first("SELECT epoch, revision, floor FROM rooms WHERE id = ?", room) { row in
            RoomHead(epoch: row.name(0), revision: row.revision(1), floor: row.revision(2))
        }
    }

    /// The successor rule is checked before anything is written, so a superseded request leaves no trace.
    private static func append(
        _ request: AppendRequest, on connection: SQLiteConnection
    ) throws(StoreError) -> AppendOutcome {
        guard let head = try head(of: request.room, on: connection) else { return .noSuchRoom }
        guard head.epoch == request.epoch, head.revision == request.base else { return .superseded(head) }
        if let access = request.access, try accessVersion(of: request.room, on: connection) != access {
            return .superseded(head)
        }
        for change in request.changes { try insert(change, into: request.room, on: connection) }
        if let last = request.changes.last {
            try connection.execute("UPDATE rooms SET revision = ? WHERE id = ?", last.revision, request.room)
        }
        for receipt in request.receipts { try keep(receipt, on: connection) }
        return .committed
    }

    static func insert(
        _ change: StoredChange, into room: RoomID, on connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.execute(
            """
            INSERT INTO changes (room_id, revision, at, kind, model_id, other_model_id, alias, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            room, change.revision, change.at, change.kind, change.model, change.otherModel, change.alias, change.body)
    }
}

extension AppendRequest {
    /// About how many bytes it writes.
    fileprivate var weight: Int {
        changes.reduce(0) { $0 + $1.body.count + 256 } + receipts.reduce(0) { $0 + $1.answer.count + 256 }
    }
}
