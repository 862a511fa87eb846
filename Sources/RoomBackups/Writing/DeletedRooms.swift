import RoomCore
import RoomStorage

/// Lets go of what the store holds of rooms that were deleted: once the longest time is over for which anything is kept.
///
/// Only a room whose index says when it was deleted, and which the record does not have, is let go: a room that is only
/// not restored yet stays. The index goes last, so that a pass that is broken off is gone on with by the next.
struct DeletedRooms: Sendable {
    let blobs: any BlobStore
    let manifests: any ManifestStore
    let settings: BackupSettings
    let now: Timestamp

    private static let page = 1_000

    /// The rooms that were let go.
    func collect() async throws -> [RoomID] {
        let rooms = try await BackupReader(blobs).rooms()
        let results = await sideBySide(rooms, atMost: settings.writers) { room in
            do {
                return Result<RoomID?, any Error>.success(try await isOver(room) ? room : nil)
            } catch {
                return .failure(error)
            }
        }
        let over = try results.compactMap { try $0.get() }.sorted()
        for room in over { try await remove(room) }
        return over
    }

    private func isOver(_ room: RoomID) async throws -> Bool {
        guard try await manifests.head(of: room) == nil else { return false }
        let stored = try await blobs.load(BackupLayout.index(of: room))
        // One that cannot be read, or is of a newer version, is no reason to let anything go.
        guard let stored, let deletedAt = (try? RoomIndex(stored, of: room))?.deletedAt else { return false }
        return deletedAt.advanced(bySeconds: settings.thinning.dailySeconds) <= now
    }

    private func remove(_ room: RoomID) async throws {
        let index = BackupLayout.index(of: room)
        for prefix in settings.folders(room) + [BackupLayout.prefix(of: room)] {
            var last: BlobKey?
            while true {
                let after = last
                let keys = try await blobs.list(prefix: prefix, after: after, limit: Self.page)
                for key in keys where key != index { try await blobs.delete(key) }
                guard keys.count == Self.page else { break }
                last = keys.last
            }
        }
        try await blobs.delete(index)
    }
}
