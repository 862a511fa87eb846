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

    static let fetches = 8
    static let roomsPerCommit = 50
    static let changesPerCommit = 5_000

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
        var start = 0
        while start < rooms.count {
            let slice = Array(rooms[start..<min(start + Self.roomsPerCommit, rooms.count)])
            start += slice.count
            let fetched = await sideBySide(slice, atMost: Self.fetches) { room in
                let result = await fetch(room)
                progress(counter.next(), rooms.count)
                return result
            }
            try await put(fetched, into: &report, dryRun: dryRun)
        }
        for line in report.damage { tell(line) }
        return report
    }

    private func put(
        _ fetched: [Fetched], into report: inout RestoreReport, dryRun: Bool
    ) async throws {
        var batch: [RestoredRoom] = []
        for item in fetched {
            switch item {
            case .deleted: report.deleted += 1
            case .failed(_, .store(let error)): throw error
            case .failed(let room, let fault):
                report.lost.append(room)
                report.damage.append("\(fault)")
            case .room(let room, let opened):
                report.damage += opened.damage.map { "room \(room.dossier.record.id): \($0)" }
                report.models += opened.manifest.liveCount
                batch.append(room)
            }
        }
        report.rooms += batch.count
        guard !dryRun else { return }
        var rest = batch[...]
        while !rest.isEmpty {
            var changes = 0
            let part = Array(
                rest.prefix { room in
                    defer { changes += room.changes.count }
                    return changes < Self.changesPerCommit
                })
            rest = rest.dropFirst(part.count)
            let standing = try await commit(part)
            report.standing += standing
            report.rooms -= standing.count
        }
    }

    /// Restores in one commit and looks whether every room stands where it should.
    private func commit(_ rooms: [RestoredRoom]) async throws -> [RoomID] {
        let (source, manifests) = (source, manifests)
        let standing = try await source.restore(rooms)
        for room in rooms where !standing.contains(room.dossier.record.id) {
            let id = room.dossier.record.id
            let head = try await manifests.head(of: id)
            guard head == room.dossier.head else {
                throw StoreError.corrupt(
                    "room \(id) does not stand where it was restored to: restore into an empty record")
            }
        }
        return standing
    }

    enum Fetched: Sendable {
        case room(RestoredRoom, OpenedRoom)
        case deleted
        case failed(RoomID, BackupFault)
    }

    private func fetch(_ room: RoomID) async -> Fetched {
        do {
            guard let known = try await reader.index(of: room) else { throw BackupFault.noSuchRoom(room) }
            guard known.deletedAt == nil else { return .deleted }
            let (index, opened) = try await reader.open(room)
            let epoch = Epoch(trusted: try name(8))
            return .room(try await restored(opened, index, as: room, epoch), opened)
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
