import Logging
import RoomCore
import RoomStorage
import WireMessages

/// One room at work: its manifest, its peers, and the one mailbox through which its writes go.
///
/// It runs on the event loop that its peers' sockets live on, so that a relayed frame never leaves its thread; sockets
/// enter it with `assumeIsolated`, everything else awaits it. Only stores are awaited inside.
package actor RoomLoop {
    package nonisolated let room: RoomID
    package nonisolated let executor: any SerialExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    nonisolated let dependencies: RoomDependencies
    nonisolated let archive: Archive
    nonisolated let logger: Logger
    var settings: ServiceSettings { dependencies.settings }
    var counters: ServiceCounters { dependencies.counters }

    var manifest: Manifest
    var presence: WorkerPresence
    /// As the record told last; nil as long as nobody asked.
    var access: RoomAccess?
    /// Follows the manifest.
    var search = SearchIndex()
    @exclusivity(unchecked) var peers = PeerTable()
    @exclusivity(unchecked) var remotes = RemotePeers()
    /// While the live rooms are asked who sits elsewhere.
    var remoteLook: RemoteLook?
    /// The workers that are kept for a client.
    var reserved: Set<SessionID> = []
    var lastSessionNumber: UInt64 = 0

    var mailbox: [PendingWrite] = []
    /// Bytes of the messages whose writes wait or are being committed.
    var mailboxBytes = 0
    var isFlushing = false
    var rivals = RivalServers()
    /// The record may hold changes that are not here; they are to be read before the next decision.
    var mustCatchUp = false
    /// Who waits until the record was read, or could not be.
    var awaitingCatchUp: [CheckedContinuation<Void, Never>] = []
    /// Why nobody may enter any more; nil while the room is open.
    var closedBecause: PeerClose?
    private var workersSeenAt: Timestamp?
    var ending = RoomEnding()

    /// Sessions with a watch, in the order they subscribed.
    var watchers: [Session] = []
    var liveQueries = LiveQueryTable()
    var tail: ChangeTail
    var lastSnapshotRevision: Revision
    var isStoringSnapshot = false
    /// Reused for the frames that are rebuilt on their way through.
    @exclusivity(unchecked) var scratch: [UInt8] = []

    init(_ loaded: Archive.Loaded, on executor: any SerialExecutor, _ dependencies: RoomDependencies) {
        room = loaded.manifest.room
        self.executor = executor
        self.dependencies = dependencies
        archive = Archive(dependencies)
        var logger = dependencies.logger
        logger[metadataKey: "room"] = "\(loaded.manifest.room)"
        self.logger = logger
        manifest = loaded.manifest
        presence = loaded.presence
        lastSnapshotRevision = loaded.snapshotRevision
        tail = ChangeTail(
            maxCount: dependencies.settings.tailChanges, maxBytes: dependencies.settings.tailBytes)
    }

    var now: Timestamp { dependencies.clock() }

    package var isIdle: Bool { peers.isEmpty && mailbox.isEmpty && !isFlushing }
    package var peerCount: Int { peers.count }
    func has(_ session: SessionID) -> Bool { peers[session] != nil }
}

/// Whom a closing is about.
package enum SessionSelection: Sendable {
    case everyone
    case user(UserID)
    case proof(Identity.Proof)
    case session(SessionID)
    /// Whose credential ended at or before a moment.
    case expired(Timestamp)

    func contains(_ session: Session) -> Bool {
        switch self {
        case .everyone: true
        case .user(let user): session.identity.user == user
        case .proof(let proof): session.identity.proof == proof
        case .session(let id): session.id == id
        case .expired(let moment): session.identity.expiresAt.map { $0 <= moment } ?? false
        }
    }
}

extension RoomLoop {
    /// Closes sockets; each is out of the room at once, before its socket has ended.
    @discardableResult
    package func close(_ selection: SessionSelection, _ reason: PeerClose, atMost limit: Int = .max) -> Int {
        let chosen = peers.all.filter(selection.contains).prefix(limit)
        for session in chosen {
            session.outbox.channel.close(reason)
            remove(session)
        }
        return chosen.count
    }

    /// The room is gone from the record: nobody stays, nothing is written.
    package func delete() {
        closedBecause = .roomDeleted
        close(.everyone, .roomDeleted)
    }

    /// Closes an empty room for good, so that its directory can forget it; false when somebody came.
    func retire() -> Bool {
        guard isIdle else { return false }
        closedBecause = closedBecause ?? .unavailable
        return true
    }

    /// What time brings: credentials end, and workers that are here are noted now and then. True when nobody is here.
    func turn(at now: Timestamp) -> Bool {
        close(.expired(now), .credentialExpired)
        freeExpired(at: now)
        catchUpAgain()
        if now >= (workersSeenAt ?? .init(seconds: 0)).advanced(bySeconds: Self.sightingSeconds) {
            workersSeenAt = now
            for worker in presence.workersOnline {
                presence.note(worker, at: now)
                dependencies.sightings.note(worker, in: room, at: now)
            }
        }
        return isIdle
    }

    private static let sightingSeconds: Int64 = 30
}
