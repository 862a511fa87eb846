import JSONWire
import RoomCore
import RoomStorage

/// What reading everything back found of one room.
package struct RoomVerification: Sendable {
    package let room: RoomID
    package let isDeleted: Bool
    package let epoch: Epoch?
    package let revision: Revision?
    package let models: Int
    package let objects: Int
    package let bytes: Int
    package let damage: [String]

    package var json: JSONValue {
        [
            "room": .string(room.text), "deleted": .bool(isDeleted), "epoch": epoch.map { .string($0.text) } ?? .null,
            "revision": revision.map { .integer($0.number) } ?? .null, "models": .integer(models),
            "objects": .integer(objects), "bytes": .integer(bytes), "damage": .strings(damage),
        ]
    }
}

extension BackupReader {
    /// Reads everything that is kept of every room.
    package func verify(
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> [RoomVerification] {
        let rooms = try await rooms()
        let counter = Counter()
        let results = await sideBySide(rooms, atMost: 8) { room -> Result<RoomVerification, BackupFault> in
            do {
                let verified = try await steadyVerification(of: room)
                progress(counter.next(), rooms.count)
                return .success(verified)
            } catch {
                return .failure(BackupFault(error))
            }
        }
        var verified: [RoomVerification] = []
        for result in results { verified.append(try result.get()) }
        return verified.sorted { $0.room < $1.room }
    }

    /// A server may merge and thin out while we read: damage is looked at again when the index moved.
    private func steadyVerification(of room: RoomID) async throws -> RoomVerification {
        for _ in 0..<4 {
            let before = try await index(of: room)
            let verified = try await verify(room)
            if verified.damage.isEmpty { return verified }
            guard try await index(of: room) != before else { return verified }
        }
        return try await verify(room)
    }

    /// Asked after all was read: what went meanwhile is no damage.
    private func isBeingLetGo(_ room: RoomID) async throws -> Bool {
        try await index(of: room)?.isCollecting ?? true
    }

    private func verify(_ room: RoomID) async throws -> RoomVerification {
        let key = BackupLayout.index(of: room)
        var damage: [String] = []
        let bytes = try await blobs.load(key)
        if try bytes.flatMap({ try RoomIndex($0, of: room) }) == nil {
            damage.append("\(key) is \(bytes == nil ? "missing" : "damaged")")
        }
        guard let index = try await index(of: room) else {
            return RoomVerification(
                room: room, isDeleted: false, epoch: nil, revision: nil, models: 0, objects: 0, bytes: 0,
                damage: damage)
        }
        for entry in index.snapshots where try await manifest(entry, of: room) == nil {
            damage.append("\(BackupLayout.snapshot(of: room, entry)) is damaged or missing")
        }
        for entry in index.segments where try await changes(entry, of: room) == nil {
            damage.append("\(BackupLayout.segment(of: room, entry)) is damaged or missing")
        }
        for entry in index.dossiers where try await text(BackupLayout.dossier(of: room, entry), entry.stored) == nil {
            damage.append("\(BackupLayout.dossier(of: room, entry)) is damaged or missing")
        }
        guard try await !isBeingLetGo(room) else {
            return RoomVerification(
                room: room, isDeleted: true, epoch: nil, revision: nil, models: 0, objects: 0, bytes: 0, damage: [])
        }
        let stored = index.snapshots.map(\.stored) + index.segments.map(\.stored) + index.dossiers.map(\.stored)
        var opened: OpenedRoom?
        do {
            opened = try await open(index)
        } catch let error as BackupFault {
            damage.append("\(error)")
        }
        return RoomVerification(
            room: room, isDeleted: index.deletedAt != nil, epoch: opened?.manifest.epoch,
            revision: opened?.manifest.revision, models: opened?.manifest.liveCount ?? 0, objects: stored.count,
            bytes: stored.reduce(0) { $0 + $1.size },
            damage: damage + (opened?.damage ?? []).filter { !damage.contains($0) && !$0.hasSuffix("is damaged") })
    }
}
