import RoomCore
import RoomStorage

/// Objects that nothing names: neither a model that has files in the store, nor an upload.
extension FileCheck {
    /// What is known of a room whose objects are looked at.
    private struct Owner {
        let room: RoomID
        /// Whether the record has such a room.
        let isThere: Bool
        /// What uploads under way and models that are stored, missing or being uploaded name.
        let keysInUse: Set<BlobKey>
        let deletedAt: Timestamp?
        /// Since when it has been as it is: a room that was set back may have lost what it named until then.
        let epochAt: Timestamp?

        var isUnknown: Bool { !isThere && deletedAt == nil }

        func isOrphan(_ object: BlobDescription) -> Bool { !isUnknown && !keysInUse.contains(object.key) }

        /// Since when it has been nobody's at the latest, as far as is known.
        func start(of object: BlobDescription) -> Timestamp {
            max(object.modifiedAt, deletedAt ?? epochAt ?? object.modifiedAt)
        }
    }

    func examineObjects(collecting: Bool, _ report: inout Report) async throws {
        // Objects of one room stand together in the listing, so one room at a time is known.
        var owner: Owner?
        var found = report
        try await eachPage(of: ModelFiles.prefix) { page in
            var due: [BlobDescription] = []
            for object in page {
                guard let room = ModelFiles.owner(of: object.key)?.room else { continue }
                let known: Owner
                if let owner, owner.room == room {
                    known = owner
                } else {
                    if let owner, collecting { found.collected += try await collect(due, of: owner.room) }
                    due = []
                    known = try await self.owner(room, models: models(of: room))
                    owner = known
                }
                if known.isUnknown { found.objectsOfUnknownRooms += 1 }
                guard known.isOrphan(object) else { continue }
                found.name(object)
                if !known.isThere { found.objectsOfDeletedRooms += 1 }
                guard isPastTerm(object, of: known) else { continue }
                found.collectable += 1
                due.append(object)
            }
            if let owner, collecting { found.collected += try await collect(due, of: owner.room) }
        }
        report = found
    }

    private func owner(_ room: RoomID, models: [Model]?) async throws -> Owner {
        guard let models else {
            let deletedAt = try await files.ledger.deletion(of: room)
            return Owner(room: room, isThere: false, keysInUse: [], deletedAt: deletedAt, epochAt: nil)
        }
        var keys = Set(try await files.ledger.uploads(in: room).flatMap { $0.files.map(\.key) })
        for model in models where model.storage.state != .none {
            for file in model.files { keys.insert(try ModelFiles.key(of: file.path, of: model.id, in: room)) }
        }
        let epochAt = try await files.ledger.epochStart(of: room)
        return Owner(room: room, isThere: true, keysInUse: keys, deletedAt: nil, epochAt: epochAt)
    }

    private static let deletesPerLook = 20

    /// Looks once more, with nothing remembered, before every few objects go for good: a room may be restored, and an
    /// upload begun, at any moment.
    private func collect(_ due: [BlobDescription], of room: RoomID) async throws -> Int {
        var collected = 0
        for start in stride(from: 0, to: due.count, by: Self.deletesPerLook) {
            let known = try await owner(room, models: recordedModels(of: room))
            for object in due[start..<min(due.count, start + Self.deletesPerLook)]
            where known.isOrphan(object) && isPastTerm(object, of: known) {
                try await files.blobs.delete(object.key)
                collected += 1
            }
        }
        return collected
    }

    private func isPastTerm(_ object: BlobDescription, of owner: Owner) -> Bool {
        let settings = files.settings
        let term = owner.isThere ? settings.graceSeconds : max(settings.graceSeconds, settings.deletedRoomSeconds)
        return owner.start(of: object).advanced(bySeconds: term) <= clock()
    }

    func isPastGrace(_ moment: Timestamp) -> Bool {
        moment.advanced(bySeconds: files.settings.graceSeconds) <= clock()
    }

    /// A deleted room is forgotten once nothing of it is left, and no address that was given out for it works.
    func forgetDeletedRooms() async throws {
        let settings = files.settings
        let end = clock().advanced(bySeconds: -settings.graceSeconds - settings.addressSeconds)
        var last: RoomID?
        while true {
            let rooms = try await files.ledger.rooms(deletedBefore: end, after: last, limit: 100)
            for room in rooms {
                let left = try await files.blobs.describe(prefix: "\(ModelFiles.prefix)\(room)/", after: nil, limit: 1)
                if left.isEmpty { try await files.ledger.forgetDeletion(of: room, before: end) }
                try await pause()
            }
            guard let next = rooms.last else { return }
            last = next
        }
    }
}
