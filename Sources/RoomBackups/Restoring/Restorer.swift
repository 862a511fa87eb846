import JSONWire
import RoomCore
import RoomStorage

/// Puts rooms from the bucket into the record.
///
/// A restored room begins a new epoch: its last moments may not have reached the bucket, and a revision given again
/// would pass for the one that peers have seen.
package struct Restorer: Sendable {
    let reader: BackupReader
    let source: any BackupSource
    let manifests: any ManifestStore
    /// Makes names nobody has: epochs and room ids, of a number of random bytes.
    let name: @Sendable (Int) throws -> String
    let tell: @Sendable (String) -> Void

    static let fetches = 32

    package init(
        _ blobs: any BlobStore, source: any BackupSource, manifests: any ManifestStore,
        name: @escaping @Sendable (Int) throws -> String, tell: @escaping @Sendable (String) -> Void
    ) {
        reader = BackupReader(blobs)
        self.source = source
        self.manifests = manifests
        self.name = name
        self.tell = tell
    }

    /// Whether there is something to restore.
    package func hasRooms() async throws -> Bool {
        let reader = reader
        return try await !reader.blobs.list(prefix: BackupLayout.roomsPrefix, after: nil, limit: 1).isEmpty
    }

    /// Everyone, and every room that was not deleted; rooms that are there stay as they are.
    package func restoreAll(
        dryRun: Bool = false, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> RestoreReport {
        var report = RestoreReport()
        let source = source
        if let people = try await reader.people(telling: { report.damage.append($0) }) {
            report.users = people.users.count
            if !dryRun { try await source.restore(people) }
        }
        let rooms = try await reader.rooms()
        let counter = Counter()
        var passage = Passage(rooms)
        try await withThrowingTaskGroup(of: Passed.self) { group in
            while let work = passage.next() {
                switch work {
                case .fetch(let room):
                    group.addTask {
                        let result = await fetch(room)
                        progress(counter.next(), rooms.count)
                        return .fetched(result)
                    }
                case .commit(let batch):
                    group.addTask { .committed(dryRun ? [] : try await commit(batch)) }
                case .wait:
                    guard let passed = try await group.next() else { return }
                    try passage.note(passed, in: &report)
                }
            }
        }
        for line in report.damage { tell(line) }
        return report
    }

    /// Restores in one commit and looks whether every room stands where it should.
    private func commit(_ rooms: [RestoredRoom]) async throws -> [RoomID] {
        let (source, manifests) = (source, manifests)
        let standing = Set(try await source.restore(rooms))
        let added = rooms.filter { !standing.contains($0.dossier.record.id) }
        let results = await sideBySide(added, atMost: 16) { room -> Result<RoomID?, StoreError> in
            let id = room.dossier.record.id
            do throws(StoreError) {
                return .success(try await manifests.head(of: id) == room.dossier.head ? nil : id)
            } catch {
                return .failure(error)
            }
        }
        for result in results {
            guard let room = try result.get() else { continue }
            throw StoreError.corrupt(
                "room \(room) does not stand where it was restored to: restore into an empty record")
        }
        return Array(standing)
    }

    enum Fetched: Sendable {
        /// With the number of its models, and what of it could not be read.
        case room(RestoredRoom, models: Int, damage: [String])
        case deleted
        case failed(RoomID, BackupFault)
    }

    private func fetch(_ room: RoomID) async -> Fetched {
        do {
            guard let known = try await reader.index(of: room) else { throw BackupFault.noSuchRoom(room) }
            guard known.deletedAt == nil else { return .deleted }
            let (index, opened) = try await reader.open(room, from: known)
            let epoch = Epoch(trusted: try name(8))
            return .room(
                try await restored(opened, index, as: room, epoch), models: opened.manifest.liveCount,
                damage: opened.damage)
        } catch {
            return .failed(room, BackupFault(error))
        }
    }

    /// The room with what history its backup gives.
    func restored(
        _ opened: OpenedRoom, _ index: RoomIndex, as room: RoomID, _ epoch: Epoch
    ) async throws -> RestoredRoom {
        let base = opened.base.moved(to: room, epoch)
        let head = RoomHead(epoch: epoch, revision: opened.manifest.revision, floor: base.revision)
        let snapshot =
            base.revision == .zero
            ? nil
            : StoredSnapshot(
                room: room, epoch: epoch, revision: base.revision, at: base.updatedAt, body: base.recorded())
        return RestoredRoom(
            dossier: try await dossier(index, head), snapshot: snapshot,
            changes: opened.changes.map { StoredChange($0.change, body: $0.body) })
    }

    /// The newest that can be read.
    func dossier(_ index: RoomIndex, _ head: RoomHead) async throws -> RoomDossier {
        for entry in index.dossiers.reversed() {
            let key = BackupLayout.dossier(of: index.room, entry)
            if let text = try await reader.text(key, entry.stored) {
                return try RoomDossier(text, of: index.room, head: head)
            }
            tell("\(key) is damaged: the one before it is taken")
        }
        throw BackupFault.unreachable(index.room, "who may enter it cannot be read: no dossier is whole")
    }
}

/// What a restore of everything did, or would do.
package struct RestoreReport: Sendable {
    package var rooms = 0
    package var models = 0
    package var users = 0
    package var deleted = 0
    /// Rooms that were in the record, and stayed as they were.
    package var standing: [RoomID] = []
    /// Rooms of which nothing could be read.
    package var lost: [RoomID] = []
    package var damage: [String] = []

    package var json: JSONValue {
        [
            "rooms": .integer(rooms), "models": .integer(models), "users": .integer(users),
            "deleted": .integer(deleted), "standing": .strings(standing.map(\.text)),
            "lost": .strings(lost.map(\.text)), "damage": .strings(damage),
        ]
    }
}
