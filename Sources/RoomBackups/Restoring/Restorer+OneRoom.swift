import JSONWire
import RoomCore
import RoomStorage

/// What a restore of one room did, or would do.
package struct RoomRestoreReport: Sendable {
    package let room: RoomID
    package let from: RoomID
    package let epoch: Epoch
    package let revision: Revision
    package let updatedAt: Timestamp
    package let models: Int
    package let damage: [String]

    package var json: JSONValue {
        [
            "room": .string(room.text), "from": .string(from.text), "epoch": .string(epoch.text),
            "revision": .integer(revision.number), "updated_at": .string(updatedAt.description),
            "models": .integer(models), "damage": .strings(damage),
        ]
    }
}

extension Restorer {
    /// Sets a room back to an earlier state, in place; or makes a new room of it, for its owner alone.
    ///
    /// In place it begins a new epoch; servers that have it open go on from there once they compare heads with the
    /// record. A room that is gone from the record comes back with its members, tokens, policy and groups.
    package func restore(
        _ room: RoomID, at point: BackupPoint, into newName: String? = nil, dryRun: Bool = false
    ) async throws -> RoomRestoreReport {
        let (index, opened) = try await reader.open(room, at: point)
        for line in opened.damage { tell("room \(room): \(line)") }
        let epoch = Epoch(trusted: try name(8))
        let target = newName == nil ? room : RoomID(trusted: try name(4))
        if !dryRun {
            if let newName {
                try await make(target, named: newName, opened, index, epoch)
            } else {
                try await setBack(room, opened, index, epoch)
            }
        }
        return RoomRestoreReport(
            room: target, from: room, epoch: epoch, revision: opened.manifest.revision,
            updatedAt: opened.manifest.updatedAt, models: opened.manifest.liveCount, damage: opened.damage)
    }

    private func setBack(
        _ room: RoomID, _ opened: OpenedRoom, _ index: RoomIndex, _ epoch: Epoch
    ) async throws {
        let manifest = opened.manifest.moved(to: room, epoch)
        let snapshot = StoredSnapshot(
            room: room, epoch: epoch, revision: manifest.revision, at: manifest.updatedAt, body: manifest.recorded())
        let manifests = manifests
        if try await manifests.restart(from: snapshot) { return }
        try await add(try await restored(opened, index, as: room, epoch))
        // Whoever looked before the room was there may have begun to let go of what it was made of.
        guard let after = try await reader.index(of: room), !after.isCollecting else {
            throw BackupFault.unreachable(
                room,
                "its backups were being let go: it is in the record, but files of it may be gone; see room-server doctor"
            )
        }
    }

    private func make(
        _ target: RoomID, named name: String, _ opened: OpenedRoom, _ index: RoomIndex, _ epoch: Epoch
    ) async throws {
        let room = try await restored(opened, index, as: target, epoch)
        let old = room.dossier.record
        let record = RoomRecord(
            id: target, name: name, createdBy: old.createdBy, createdAt: old.createdAt, expiresAt: nil)
        let owners = room.dossier.members.filter { $0.role == .owner }.map { member in
            Membership(room: target, user: member.user, role: .owner, joinedAt: member.joinedAt)
        }
        let dossier = RoomDossier(
            record: record, members: owners, policy: room.dossier.policy, workerTokens: [], version: 1,
            head: room.dossier.head)
        try await add(RestoredRoom(dossier: dossier, snapshot: room.snapshot, changes: room.changes))
    }

    private func add(_ room: RestoredRoom) async throws {
        let source = source
        let standing = try await source.restore([room])
        guard standing.isEmpty else {
            throw BackupFault.unreachable(room.dossier.record.id, "came into the record meanwhile: try again")
        }
    }
}
