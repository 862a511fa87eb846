import RoomCore
import RoomStorage

/// Lets go of what the store holds of rooms that were deleted: once the longest time is over for which anything is kept.
///
/// Only a room whose index says when it was deleted, and which the record does not have, is let go: a room that is only
/// not restored yet stays. Its index is marked first, which only one succeeds in and which ends all restoring, and goes
/// last, so that a pass that is broken off is gone on with by the next. A room may come back at any moment: before every
/// few deletes the record and the mark are looked at again.
struct DeletedRooms: Sendable {
    let blobs: any BlobStore
    let manifests: any ManifestStore
    let upkeep: any FileUpkeep
    let settings: BackupSettings
    let now: Timestamp
    /// Whether this server still is the one to do it.
    var goesOn: @Sendable () async throws -> Bool = { true }

    private static let page = 1_000
    private static let deletesPerLook = 20

    /// The right to let go of a room, as long as its index is the one that was marked.
    private struct Mark {
        let room: RoomID
        let tag: BlobTag
    }

    /// The rooms that were let go.
    func collect() async throws -> [RoomID] {
        let rooms = try await BackupReader(blobs).rooms()
        let results = await sideBySide(rooms, atMost: settings.writers) { room in
            do {
                return Result<RoomID?, any Error>.success(try await over(room) != nil ? room : nil)
            } catch {
                return .failure(error)
            }
        }
        var gone: [RoomID] = []
        for room in try results.compactMap({ try $0.get() }).sorted() {
            guard try await goesOn() else { break }
            if let mark = try await mark(room), try await remove(mark) { gone.append(room) }
        }
        return gone
    }

    /// The index of a room of which nothing need be kept; nil of any other.
    private func over(_ room: RoomID) async throws -> (index: RoomIndex, tag: BlobTag)? {
        guard try await manifests.head(of: room) == nil else { return nil }
        // One that cannot be read, or is of a newer version, is no reason to let anything go.
        guard let stored = try await blobs.loadTagged(BackupLayout.index(of: room)),
            let index = try? RoomIndex(stored.bytes, of: room), let deletedAt = index.deletedAt,
            deletedAt.advanced(bySeconds: settings.thinning.dailySeconds) <= now
        else { return nil }
        return (index, stored.tag)
    }

    private func mark(_ room: RoomID) async throws -> Mark? {
        guard let found = try await over(room) else { return nil }
        var index = found.index
        index.collectingSince = now
        let bytes = index.encoded()
        let marked = try await blobs.replace(BackupLayout.index(of: room), with: bytes, expecting: found.tag)
        return marked.map { Mark(room: room, tag: $0) }
    }

    private func holds(_ mark: Mark) async throws -> Bool {
        try Task.checkCancellation()
        guard try await goesOn(), try await manifests.head(of: mark.room) == nil else { return false }
        return try await blobs.loadTagged(BackupLayout.index(of: mark.room))?.tag == mark.tag
    }

    /// False when the room came back, or the mark is another's by now.
    private func remove(_ mark: Mark) async throws -> Bool {
        let index = BackupLayout.index(of: mark.room)
        // As long as the record knows of the deletion, whoever looks after the files there lets them go, at the same age.
        let isForgotten = try await upkeep.deletion(of: mark.room) == nil
        let folders = isForgotten ? settings.folders(mark.room) : []
        for prefix in folders + [BackupLayout.prefix(of: mark.room)] {
            while true {
                // What is gone is listed no more, so the first page is always the next; the index alone stays.
                let keys = try await blobs.list(prefix: prefix, after: nil, limit: Self.page).filter { $0 != index }
                guard !keys.isEmpty else { break }
                for start in stride(from: 0, to: keys.count, by: Self.deletesPerLook) {
                    guard try await holds(mark) else { return false }
                    for key in keys[start..<min(keys.count, start + Self.deletesPerLook)] {
                        try await blobs.delete(key)
                    }
                }
            }
        }
        guard try await holds(mark) else { return false }
        try await blobs.delete(index)
        return true
    }
}
