import RoomCore

/// The record of every room's changes: a write is acknowledged when it is committed here.
///
/// Duties of every implementation, each checked by `StorageConformance`:
/// - **Atomic and durable.** When ``append(_:)`` returns `.committed`, all of the request is on disk and outlives the
///   process and the machine's power; when it throws or returns anything else, none of it is stored.
/// - **Successor rule.** A request is committed only onto the revision before its first one, in the same epoch;
///   else `.superseded` with where the room really stands. Two writers can therefore never fork a room.
/// - **Group commit.** Requests of many rooms that wait at one moment commit together; one that is superseded does not
///   harm the others.
/// - **Order.** Reads see every commit that returned before they began, on any thread.
package protocol ManifestStore: Sendable {
    /// Runs where its caller runs, so that an answer goes from the store's own thread to the room's, and waits for no
    /// other work on its way.
    nonisolated(nonsending) func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome

    /// Where a room stands; nil when there is no such room.
    func head(of room: RoomID) async throws(StoreError) -> RoomHead?

    /// Changes after a revision, oldest first, at most `limit`, of one model or alias when asked.
    ///
    /// A model's changes include those that took an alias from it; an alias's, the withdrawals of models that held it
    /// once, whether or not they held it then: bodies tell that, which the store does not read.
    func changes(
        of room: RoomID, after revision: Revision, limit: Int, subject: ChangeSubject?
    ) async throws(StoreError) -> [StoredChange]

    /// The newest revision whose change was made at or before a moment; zero when the room was empty then, and when
    /// the moment lies before the floor's own change, which only the head's floor tells apart.
    ///
    /// The writer keeps moments from falling as revisions rise; where it did not, the answer is one of the revisions
    /// that fit: made at or before the moment, and followed by one made after it.
    func revision(of room: RoomID, at moment: Timestamp) async throws(StoreError) -> Revision

    /// The newest kept snapshot of the room's epoch at or before a revision (any revision when nil).
    func snapshot(of room: RoomID, atOrBefore revision: Revision?) async throws(StoreError) -> StoredSnapshot?

    /// Keeps a snapshot; one of the same room, epoch and revision is replaced. One of another epoch, below the room's
    /// floor or ahead of its head can rebuild nothing and is not kept.
    func store(_ snapshot: StoredSnapshot) async throws(StoreError)

    /// Drops changes and snapshots that are not needed to rebuild any revision from `floor` on. The room's floor rises
    /// to the newest snapshot at or before `floor`, and never falls; without such a snapshot nothing is dropped.
    func compact(_ room: RoomID, below floor: Revision) async throws(StoreError)

    /// Begins a new epoch: the room stands at the snapshot's revision in the snapshot's epoch, its floor is there too,
    /// and changes, snapshots and receipts of the old epoch are gone, in one commit. In the epoch the room has already,
    /// nothing changes, so that a repeat is safe. False when there is no such room.
    func restart(from snapshot: StoredSnapshot) async throws(StoreError) -> Bool

    /// The first answers to requests with these keys, where they were given at or after `oldest`.
    func receipts(
        for keys: [ReceiptKey], notBefore oldest: Timestamp
    ) async throws(StoreError) -> [ReceiptKey: Receipt]

    /// Forgets receipts older than a moment.
    func forgetReceipts(before moment: Timestamp) async throws(StoreError)

    /// Notes when workers were last seen; an older moment than the one kept changes nothing, nor does a room that is
    /// gone.
    func note(_ sightings: [WorkerSighting]) async throws(StoreError)

    /// When each worker of a room was last seen, in the byte order of their names.
    func sightings(in room: RoomID) async throws(StoreError) -> [WorkerSighting]
}

/// Changes of one room that stand or fall together, with the answers they gave.
package struct AppendRequest: Sendable {
    package let room: RoomID
    package let epoch: Epoch
    /// The revision the first change follows.
    package let base: Revision
    /// Contiguous from `base.successor`; may be empty when only receipts are kept.
    package let changes: [StoredChange]
    package let receipts: [Receipt]
    /// The version of the room's access that the changes were decided under; nil for what depends on nobody's right.
    package let access: Int?

    package init(
        room: RoomID, epoch: Epoch, base: Revision, changes: [StoredChange], receipts: [Receipt], access: Int? = nil
    ) {
        for (offset, change) in changes.enumerated() {
            precondition(change.revision.number == base.number + 1 + offset, "changes are contiguous from their base")
        }
        self.room = room
        self.epoch = epoch
        self.base = base
        self.changes = changes
        self.receipts = receipts
        self.access = access
    }
}

package enum AppendOutcome: Sendable, Equatable {
    case committed
    /// Another writer was first, the room was restored, or somebody's right in it changed: read on from here and decide
    /// again. Nothing was written.
    case superseded(RoomHead)
    case noSuchRoom
}

package struct RoomHead: Sendable, Equatable {
    package let epoch: Epoch
    package let revision: Revision
    /// The oldest revision that can still be rebuilt; changes after it are kept.
    package let floor: Revision

    package init(epoch: Epoch, revision: Revision, floor: Revision) {
        self.epoch = epoch
        self.revision = revision
        self.floor = floor
    }
}

/// One change as the store sees it: what it is found by, and a body it does not read.
package struct StoredChange: Sendable, Equatable {
    package let revision: Revision
    package let at: Timestamp
    package let kind: String
    package let model: ModelID
    /// The model that lost an alias by this change, if one did.
    package let otherModel: ModelID?
    package let alias: Alias?
    package let body: [UInt8]

    package init(
        revision: Revision, at: Timestamp, kind: String, model: ModelID, otherModel: ModelID?, alias: Alias?,
        body: [UInt8]
    ) {
        self.revision = revision
        self.at = at
        self.kind = kind
        self.model = model
        self.otherModel = otherModel
        self.alias = alias
        self.body = body
    }
}

package enum ChangeSubject: Sendable, Equatable {
    case model(ModelID)
    case alias(Alias)
}

/// A whole manifest at a revision, in a form the store does not read.
package struct StoredSnapshot: Sendable, Equatable {
    package let room: RoomID
    package let epoch: Epoch
    package let revision: Revision
    package let at: Timestamp
    package let body: [UInt8]

    package init(room: RoomID, epoch: Epoch, revision: Revision, at: Timestamp, body: [UInt8]) {
        self.room = room
        self.epoch = epoch
        self.revision = revision
        self.at = at
        self.body = body
    }
}

/// What an idempotency key is unique by: the room, the credential that used it, and the key itself.
package struct ReceiptKey: Sendable, Hashable {
    package let room: RoomID
    package let credential: String
    package let key: String

    package init(room: RoomID, credential: String, key: String) {
        self.room = room
        self.credential = credential
        self.key = key
    }
}

/// The answer a request with an idempotency key was given, kept in the same commit as its change.
///
/// One with the key of an older one takes its place: whoever appends has looked first and found that one too old.
package struct Receipt: Sendable, Equatable {
    package let key: ReceiptKey
    package let at: Timestamp
    package let answer: [UInt8]

    package init(key: ReceiptKey, at: Timestamp, answer: [UInt8]) {
        self.key = key
        self.at = at
        self.answer = answer
    }
}

package struct WorkerSighting: Sendable, Hashable {
    package let room: RoomID
    package let worker: WorkerName
    package let at: Timestamp

    package init(room: RoomID, worker: WorkerName, at: Timestamp) {
        self.room = room
        self.worker = worker
        self.at = at
    }
}
