import RoomCore
import RoomStorage
import WireMessages

/// Reads a room out of the record: as it is, and as it was. Runs off the event loops, since folding takes time.
struct Archive: Sendable {
    struct Loaded: Sendable {
        let manifest: Manifest
        let presence: WorkerPresence
        /// The revision of the newest kept snapshot.
        let snapshotRevision: Revision
    }

    private static let pageChanges = 500

    private let manifests: any ManifestStore
    private let live: (any LiveRooms)?

    /// - Parameter live: spares the record some reading; nil for what is asked once.
    init(manifests: any ManifestStore, live: (any LiveRooms)? = nil) {
        self.manifests = manifests
        self.live = live
    }

    init(_ dependencies: RoomDependencies) {
        self.init(manifests: dependencies.manifests, live: dependencies.live)
    }

    /// The room at its newest revision; nil when there is no such room.
    ///
    /// The live rooms spare reading the history when they stand where the record does. While the record is away, or
    /// turns this server away, they are taken as they are: what is read there was acknowledged, and nothing can be written.
    @concurrent
    func load(_ room: RoomID) async throws -> Loaded? {
        let shared = await live?.manifest(of: room).flatMap { try? Manifest($0) }
        do {
            return try await load(room, shared)
        } catch let error as StoreError {
            guard error.isAway, let shared else { throw error }
            return Loaded(manifest: shared, presence: WorkerPresence(), snapshotRevision: shared.revision)
        }
    }

    private func load(_ room: RoomID, _ shared: Manifest?) async throws -> Loaded? {
        guard let head = try await manifests.head(of: room) else { return nil }
        if let shared, shared.epoch == head.epoch, shared.revision == head.revision {
            return try await loaded(shared, snapshot: shared.revision)
        }
        let start = try await base(of: room, head, atOrBefore: nil)
        let manifest = try await fold(start, upTo: nil)
        live?.store(LiveManifest(manifest))
        return try await loaded(manifest, snapshot: start.revision)
    }

    private func loaded(_ manifest: Manifest, snapshot: Revision) async throws -> Loaded {
        var presence = WorkerPresence()
        for sighting in try await manifests.sightings(in: manifest.room) {
            presence.note(sighting.worker, at: sighting.at)
        }
        return Loaded(manifest: manifest, presence: presence, snapshotRevision: snapshot)
    }

    /// The room as it was; `COMPACTED` when that is no longer kept.
    @concurrent
    func manifest(of room: RoomID, at point: PointInTime) async throws -> Manifest {
        guard let head = try await manifests.head(of: room) else { throw Refusal.notInRoom }
        let revision: Revision
        switch point {
        case .revision(let asked):
            guard asked <= head.revision else {
                throw Refusal.invalid("at_revision: the room is at revision \(head.revision)")
            }
            revision = asked
        case .moment(let moment):
            revision = try await manifests.revision(of: room, at: moment)
        }
        guard revision >= head.floor else { throw Refusal.compacted(floor: head.floor) }
        return try await fold(base(of: room, head, atOrBefore: revision), upTo: revision)
    }

    @concurrent
    func changes(
        of room: RoomID, after revision: Revision, limit: Int, subject: ChangeSubject? = nil
    ) async throws -> [Change] {
        let stored = try await manifests.changes(of: room, after: revision, limit: limit, subject: subject)
        return try stored.map { try Change(recorded: $0.body) }
    }

    /// The changes that made an alias name another model, or none, oldest first.
    @concurrent
    func moves(of alias: Alias, in room: RoomID, after revision: Revision, limit: Int) async throws -> [Change] {
        var moves: [Change] = []
        var place = revision
        while moves.count < limit {
            let page = try await changes(of: room, after: place, limit: limit, subject: .alias(alias))
            moves += page.filter { $0.alias == alias || $0.before?.model.aliases.contains(alias) == true }
            guard page.count == limit, let last = page.last else { break }
            place = last.revision
        }
        return Array(moves.prefix(limit))
    }

    /// Some of the changes after a revision, oldest first: from the live rooms while they are at hand there.
    @concurrent
    func newChanges(of room: RoomID, after revision: Revision, in epoch: Epoch) async throws -> [Change] {
        if let shared = await live?.changes(of: room, after: revision, in: epoch), !shared.isEmpty,
            let changes = try? shared.map({ try Change(recorded: $0) })
        {
            return changes
        }
        return try await changes(of: room, after: revision, limit: Self.pageChanges)
    }

    /// Keeps a snapshot, and lets go of what is older than the history to keep.
    @concurrent
    func keep(_ manifest: Manifest, history: Int?) async throws {
        try await manifests.store(
            StoredSnapshot(
                room: manifest.room, epoch: manifest.epoch, revision: manifest.revision, at: manifest.updatedAt,
                body: manifest.recorded()))
        guard let history, manifest.revision.number > history else { return }
        try await manifests.compact(manifest.room, below: Revision(manifest.revision.number - history))
    }

    private func base(
        of room: RoomID, _ head: RoomHead, atOrBefore revision: Revision?
    ) async throws -> Manifest {
        guard let snapshot = try await manifests.snapshot(of: room, atOrBefore: revision) else {
            return Manifest(room: room, epoch: head.epoch, updatedAt: Timestamp(seconds: 0))
        }
        return try Manifest(recorded: snapshot.body)
    }

    /// Applies the changes after a manifest, up to a revision or all there are.
    private func fold(_ start: Manifest, upTo end: Revision?) async throws -> Manifest {
        var manifest = start
        while end.map({ manifest.revision < $0 }) ?? true {
            let limit = end.map { min(Self.pageChanges, $0.number - manifest.revision.number) } ?? Self.pageChanges
            let page = try await changes(of: manifest.room, after: manifest.revision, limit: limit)
            for change in page {
                guard change.revision == manifest.revision.successor else {
                    throw RecordFault("room \(manifest.room) misses revision \(manifest.revision.successor)")
                }
                manifest.apply(change)
            }
            if page.count < limit { break }
        }
        return manifest
    }
}
