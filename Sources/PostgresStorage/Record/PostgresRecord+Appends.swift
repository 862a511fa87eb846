import RoomCore
import RoomStorage

extension PostgresRecord: ManifestStore {
    package nonisolated(nonsending) func append(
        _ request: AppendRequest
    ) async throws(StoreError) -> AppendOutcome {
        try await appends.append(request)
    }

    package func head(of room: RoomID) async throws(StoreError) -> RoomHead? {
        try await first(PostgresStatement("SELECT epoch, revision, floor FROM rooms WHERE id = $1", room)) { row in
            RoomHead(epoch: row.name(0), revision: row.revision(1), floor: row.revision(2))
        }
    }

    /// Goes before statements that decide by a room's row: each statement sees all that was committed before it
    /// began, so those behind the lock see the room as it stays until they commit.
    static func lock(_ room: RoomID) -> PostgresStatement {
        PostgresStatement("SELECT FROM rooms WHERE id = $1 FOR NO KEY UPDATE", room)
    }
}
