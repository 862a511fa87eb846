import RoomCore
import RoomStorage

/// Objects that belong to no model.
extension FileCheck {
    /// What is known of a room whose objects are looked at.
    private struct Owner {
        let room: RoomID
        /// Nil when the record has no such room.
        let models: Set<ModelID>?
        let keysInUse: Set<BlobKey>
        let deletedAt: Timestamp?

        var isUnknown: Bool { models == nil && deletedAt == nil }

        func isOrphan(_ object: BlobDescription, of model: ModelID) -> Bool {
            guard let models else { return deletedAt != nil }
            return !models.contains(model) && !keysInUse.contains(object.key)
        }

        /// Since when it has been nobody's, as far as is known.
        func start(of object: BlobDescription) -> Timestamp { max(object.modifiedAt, deletedAt ?? object.modifiedAt) }
    }

    func examineObjects(collecting: Bool, _ report: inout Report) async throws {
        // Objects of one room stand together in the listing, so one room at a time is known.
        var owner: Owner?
        var found = report
        try await eachPage(of: ModelFiles.prefix) { page in
            var due: [(object: BlobDescription, model: ModelID)] = []
            for object in page {
                guard let (room, model) = ModelFiles.owner(of: object.key) else { continue }
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
                guard known.isOrphan(object, of: model) else { continue }
                found.name(object)
                if known.models == nil { found.objectsOfDeletedRooms += 1 }
                guard isPastGrace(known.start(of: object)) else { continue }
                found.collectable += 1
                due.append((object, model))
            }
            if let owner, collecting { found.collected += try await collect(due, of: owner.room) }
        }
        report = found
    }

    private func owner(_ room: RoomID, models: [Model]?) async throws -> Owner {
        guard let models else {
            let deletedAt = try await files.ledger.deletion(of: room)
            return Owner(room: room, models: nil, keysInUse: [], deletedAt: deletedAt)
        }
        let keys = try await files.ledger.uploads(in: room).flatMap { $0.files.map(\.key) }
        return Owner(room: room, models: Set(models.map(\.id)), keysInUse: Set(keys), deletedAt: nil)
    }

    /// Looks once more, with nothing remembered, before objects go for good.
    private func collect(_ due: [(object: BlobDescription, model: ModelID)], of room: RoomID) async throws -> Int {
        guard !due.isEmpty else { return 0 }
        let known = try await owner(room, models: recordedModels(of: room))
        var collected = 0
        for (object, model) in due where known.isOrphan(object, of: model) && isPastGrace(known.start(of: object)) {
            try await files.blobs.delete(object.key)
            collected += 1
        }
        return collected
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
                if left.isEmpty { try await files.ledger.forgetDeletion(of: room) }
                try await pause()
            }
            guard let next = rooms.last else { return }
            last = next
        }
    }
}
