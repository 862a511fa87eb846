import Cryptography
import RoomCore
import RoomStorage

/// Brings the backup of one room to where the record is.
///
/// Whatever is written before the index counts for nothing until the index names it, and the index is replaced only by
/// who has seen its last version: two writers of one room do no harm, the later one begins anew.
struct RoomBackup: Sendable {
    let blobs: any BlobStore
    let source: any BackupSource
    let manifests: any ManifestStore
    let settings: BackupSettings
    let now: Timestamp
    /// Nothing was kept of any room when this was looked up: none is asked for before the first attempt. If another
    /// server was quicker, the index is not replaced, and the next attempt reads it.
    var isFirst = false

    struct Outcome: Sendable {
        let state: BackupNote.State
        /// When a snapshot will be due, if changes came since the last.
        let snapshotDue: Timestamp?
    }

    private static let attempts = 8

    func write(_ room: RoomID, forcingSnapshot: Bool = false) async throws -> Outcome {
        for attempt in 0..<Self.attempts {
            guard !Task.isCancelled else { throw StoreError.unavailable("the server is ending") }
            var known =
                isFirst && attempt == 0
                ? TaggedIndex(index: nil, tag: nil, isAssumed: true)
                : try await BackupReader(blobs).taggedIndex(of: room)
            // What somebody lets go of counts for nothing; that the index is another one stops them.
            if known.index?.isCollecting == true { known = TaggedIndex(index: nil, tag: known.tag) }
            if let outcome = try await self.attempt(room, known, forcingSnapshot) { return outcome }
        }
        throw BackupFault.contended(room)
    }

    /// Nil when the room or its index moved meanwhile.
    private func attempt(
        _ room: RoomID, _ known: TaggedIndex, _ forcingSnapshot: Bool
    ) async throws -> Outcome? {
        var index = known.index ?? RoomIndex(room: room, updatedAt: now)
        guard let dossier = try await source.dossier(of: room) else {
            guard !known.isAssumed else { return nil }
            guard known.index != nil else { return Outcome(state: .deletion, snapshotDue: nil) }
            index.deletedAt = index.deletedAt ?? now
            return try await replace(known, with: index) ? Outcome(state: .deletion, snapshotDue: nil) : nil
        }
        index.deletedAt = nil
        var folded: Manifest?
        guard try await addChanges(to: &index, dossier.head, folding: &folded) else { return nil }
        let snapshot = try await addSnapshot(to: &index, dossier.head, folded, forcingSnapshot)
        if index.dossiers.last?.version != dossier.version {
            let entry = RoomIndex.Dossier(version: dossier.version, stored: .nothing)
            let stored = try await put(dossier.encoded(), at: BackupLayout.dossier(of: room, entry))
            index.dossiers.append(RoomIndex.Dossier(version: dossier.version, stored: stored))
        }
        var dropped = try await snapshot.isAdded ? merge(&index, dossier.head) : []
        dropped += settings.thinning.thin(&index, at: now)
        let head = try await manifests.head(of: room)
        guard head?.epoch == dossier.head.epoch else { return nil }
        if index != known.index {
            guard try await replace(known, with: index) else { return nil }
            for key in dropped { try await blobs.delete(key) }
        }
        if let manifest = snapshot.manifest {
            let plain = manifest.plain()
            try await blobs.store(plain, at: BackupLayout.manifest(of: room))
        }
        return Outcome(
            state: .room(
                epoch: dossier.head.epoch, revision: dossier.head.revision, dossierVersion: dossier.version),
            snapshotDue: snapshot.due)
    }

    private func replace(_ known: TaggedIndex, with index: RoomIndex) async throws -> Bool {
        var index = index
        index.updatedAt = now
        let bytes = index.encoded()
        return try await blobs.replace(BackupLayout.index(of: index.room), with: bytes, expecting: known.tag) != nil
    }

    /// Stores what is absent. What stands there was written by another writer of the same state, or before a crash:
    /// it is kept if it is whole.
    private func put(_ text: [UInt8], at key: BlobKey) async throws -> RoomIndex.Stored {
        let bytes = Gzip.compress(text)
        if try await !blobs.storeIfAbsent(bytes, at: key) {
            if let standing = try await blobs.load(key), Gzip.expand(standing) != nil {
                return RoomIndex.Stored(standing)
            }
            try await blobs.store(bytes, at: key)
        }
        return RoomIndex.Stored(bytes)
    }
}

// MARK: - Changes and snapshots

extension RoomBackup {
    /// Segments of all changes that the index does not have; false when the record moved meanwhile.
    ///
    /// - Parameter folded: the room as the segments leave it, where they begin an epoch: it gets its snapshot with them.
    private func addChanges(
        to index: inout RoomIndex, _ head: RoomHead, folding folded: inout Manifest?
    ) async throws -> Bool {
        let room = index.room
        var covered = index.end(of: head.epoch)
        if index.epoch != head.epoch || covered.map({ $0 < head.floor }) ?? true {
            guard let start = try await start(of: room, head) else { return false }
            try await add(start, to: &index)
            covered = start.revision
            folded = start
        }
        guard var end = covered else { return false }
        guard end <= head.revision else { throw BackupFault.ahead(room: room, kept: end, record: head.revision) }
        while end < head.revision {
            guard let (segment, changes) = try await segment(of: room, after: end, head) else { return false }
            if folded != nil { guard try folded?.follow(changes) == true else { return false } }
            index.segments.append(segment)
            end = segment.to
        }
        return true
    }

    /// Writes the changes after a revision, as many as one segment takes; nil when the record moved meanwhile.
    private func segment(
        of room: RoomID, after: Revision, _ head: RoomHead
    ) async throws -> (entry: RoomIndex.Segment, changes: [StoredChange])? {
        let limit = min(settings.segmentChanges, head.revision.number - after.number)
        let changes = try await manifests.changes(of: room, after: after, limit: limit, subject: nil)
        guard let last = changes.last, changes.first?.revision == after.successor,
            last.revision.number == after.number + changes.count
        else { return nil }
        var entry = RoomIndex.Segment(
            epoch: head.epoch, from: after.successor, to: last.revision, at: last.at, stored: .nothing)
        entry.stored = try await put(Self.lines(changes), at: BackupLayout.segment(of: room, entry))
        return (entry, changes)
    }

    /// Makes one segment of the small ones between the last two snapshots, so that the index stays small however
    /// often a room changes; gives the keys of the small ones.
    private func merge(_ index: inout RoomIndex, _ head: RoomHead) async throws -> [BlobKey] {
        let snapshots = index.snapshots.filter { $0.epoch == head.epoch }.map(\.revision)
        guard let start = snapshots.dropLast().last, start >= head.floor else { return [] }
        let small = index.segments(of: head.epoch).filter { $0.from > start }
        guard small.count > max(1, (head.revision.number - start.number) / settings.segmentChanges + 1) else {
            return []
        }
        var merged: [RoomIndex.Segment] = []
        while (merged.last?.to ?? start) < head.revision {
            guard let next = try await segment(of: index.room, after: merged.last?.to ?? start, head) else { return [] }
            merged.append(next.entry)
        }
        index.segments = index.segments.filter { !small.contains($0) } + merged
        return small.filter { !merged.contains($0) }.map { BackupLayout.segment(of: index.room, $0) }
    }

    /// A change a line; a line end between the parts of a JSON text is mere space.
    private static func lines(_ changes: [StoredChange]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(changes.reduce(0) { $0 + $1.body.count + 1 })
        for change in changes {
            let start = text.count
            text.append(contentsOf: change.body)
            if change.body.contains(0x0A) {
                for place in start..<text.count where text[place] == 0x0A { text[place] = 0x20 }
            }
            text.append(0x0A)
        }
        return text
    }

    /// The room at its floor; nil when the record moved meanwhile.
    private func start(of room: RoomID, _ head: RoomHead) async throws -> Manifest? {
        let snapshot = try await manifests.snapshot(of: room, atOrBefore: head.floor)
        guard let snapshot else {
            guard head.floor == .zero else { return nil }
            return Manifest(room: room, epoch: head.epoch, updatedAt: Timestamp(seconds: 0))
        }
        guard snapshot.epoch == head.epoch, snapshot.revision == head.floor else { return nil }
        return try Self.manifest(snapshot)
    }

    private func add(_ manifest: Manifest, to index: inout RoomIndex) async throws {
        var entry = RoomIndex.Snapshot(
            epoch: manifest.epoch, revision: manifest.revision, at: manifest.updatedAt, writtenAt: now,
            stored: .nothing)
        entry.stored = try await put(manifest.recorded(), at: BackupLayout.snapshot(of: index.room, entry))
        index.snapshots.removeAll { $0.epoch == entry.epoch && $0.revision == entry.revision }
        index.snapshots.append(entry)
    }

    /// Adds a snapshot of the head when it is time for one; else says when it will be.
    private func addSnapshot(
        to index: inout RoomIndex, _ head: RoomHead, _ folded: Manifest?, _ isForced: Bool
    ) async throws -> (manifest: Manifest?, isAdded: Bool, due: Timestamp?) {
        guard let last = index.lastSnapshot(of: head.epoch) else { return (nil, false, nil) }
        let changes = head.revision.number - last.revision.number
        let due = last.writtenAt.advanced(bySeconds: settings.snapshotSeconds)
        let isFirst = last.writtenAt == now
        guard changes > 0 || isFirst else { return (nil, false, nil) }
        guard isForced || isFirst || changes >= settings.snapshotChanges || due <= now else {
            return (nil, false, due)
        }
        let known = folded?.revision == head.revision ? folded : try await manifest(of: index.room, at: head)
        guard let manifest = known else { return (nil, false, now) }
        if changes > 0 { try await add(manifest, to: &index) }
        return (manifest, changes > 0, nil)
    }

    /// Folds the record's newest snapshot and the changes after it; nil when the record moved meanwhile.
    private func manifest(of room: RoomID, at head: RoomHead) async throws -> Manifest? {
        let snapshot = try await manifests.snapshot(of: room, atOrBefore: head.revision)
        var manifest =
            try snapshot.map(Self.manifest)
            ?? Manifest(room: room, epoch: head.epoch, updatedAt: Timestamp(seconds: 0))
        guard manifest.epoch == head.epoch else { return nil }
        while manifest.revision < head.revision {
            let after = manifest.revision
            let limit = min(settings.segmentChanges, head.revision.number - after.number)
            let changes = try await manifests.changes(of: room, after: after, limit: limit, subject: nil)
            guard try !changes.isEmpty && manifest.follow(changes) else { return nil }
        }
        return manifest
    }

    private static func manifest(_ snapshot: StoredSnapshot) throws -> Manifest {
        do throws(RecordFault) {
            return try Manifest(recorded: snapshot.body)
        } catch {
            throw StoreError.corrupt("snapshot \(snapshot.revision) of room \(snapshot.room): \(error)")
        }
    }
}

extension Manifest {
    /// Applies changes; false when one does not follow the one before.
    fileprivate mutating func follow(_ changes: [StoredChange]) throws(StoreError) -> Bool {
        for stored in changes {
            guard stored.revision == revision.successor else { return false }
            do throws(RecordFault) {
                apply(try Change(recorded: stored.body))
            } catch {
                throw StoreError.corrupt("change \(stored.revision) of room \(room): \(error)")
            }
        }
        return true
    }
}

extension RoomIndex.Stored {
    init(_ bytes: [UInt8]) { self.init(size: bytes.count, sha256: Digest(trusted: SHA256.hex(bytes))) }

    /// In place of what is not stored yet.
    static let nothing = RoomIndex.Stored(size: 0, sha256: Digest(trusted: ""))
}
