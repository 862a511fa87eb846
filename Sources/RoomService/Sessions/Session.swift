import Glibc
import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// Names one admitted socket within its room; never used twice.
package struct SessionID: Hashable, Sendable {
    let number: UInt64
}

/// An admitted peer: who it truly is, and what is on its way to it. Lives inside its room.
final class Session {
    let id: SessionID
    /// What the peer is told its session is called.
    let publicID: String
    let peer: PeerID
    let peerBytes: [UInt8]
    private(set) var identity: Identity
    private(set) var role: PeerRole
    private(set) var capabilities: Set<String>
    private(set) var actor: Actor
    /// What the peer said of itself.
    private(set) var metadata: PeerMetadata
    let connectedAt: Timestamp
    /// Since when it holds the mesh's admin place, while it does.
    var adminSince: Timestamp?
    private(set) var reservation: Reservation?
    /// How the others see it.
    private(set) var description: PeerDescription
    /// Whether it is a worker that takes no new job, or not from everybody.
    private(set) var isTaken = false
    @exclusivity(unchecked) var outbox: Outbox
    var replies = ReplyQueue<PendingRead>()
    var watch: Watch?
    var bucket: TokenBucket
    var readingPaused = false
    /// Whether it said more than its rate, and is read again when that is made good.
    var isSlowedDown = false
    /// The peer that was messaged last: most frames go where the one before went.
    @exclusivity(unchecked) var lastTarget: Session?

    init(
        id: SessionID, publicID: String, peer: PeerID, entry: Entry, channel: any PeerChannel,
        settings: ServiceSettings, at now: Timestamp
    ) {
        self.id = id
        self.publicID = publicID
        self.peer = peer
        peerBytes = Array(peer.text.utf8)
        identity = entry.identity
        role = entry.registration.role
        capabilities = Set(entry.registration.offeredCapabilities)
        metadata = entry.registration.metadata
        actor = Self.actor(entry, peer: peer)
        connectedAt = now
        description = PeerDescription(peer: peer, role: role, metadata: PeerMetadata(), connectedAt: now)
        outbox = Outbox(channel: channel, limit: settings.outboxBytes)
        bucket = TokenBucket(perSecond: settings.limits.requestsPerSecond, at: now)
        show()
    }

    var hasRegistry: Bool { capabilities.contains(Registration.registryCapability) }

    func isNamed(_ name: UnsafeRawBufferPointer) -> Bool {
        peerBytes.withUnsafeBytes { own in
            guard own.count == name.count, let own = own.baseAddress, let name = name.baseAddress else { return false }
            return memcmp(own, name, peerBytes.count) == 0
        }
    }

    /// A registration on the same socket: role and metadata are the new ones; keys it leaves out stay.
    func refresh(_ entry: Entry) {
        identity = entry.identity
        role = entry.registration.role
        capabilities.formUnion(entry.registration.offeredCapabilities)
        let merged = metadata.overlaid(by: entry.registration.metadata.object)
        metadata = merged.isWithinBounds ? merged : entry.registration.metadata
        actor = Self.actor(entry, peer: peer)
        show()
    }

    /// What its credential opens here now.
    func grant(_ role: ActorRole) {
        identity.role = role
        actor = actor.with(role)
    }

    /// - Precondition: within bounds.
    func update(_ metadata: PeerMetadata) {
        self.metadata = metadata
        show()
    }

    func reserve(_ reservation: Reservation?) {
        self.reservation = reservation
        show()
    }

    /// What stays with the peer id when another socket of the same credential comes in its place.
    func inherit(admin: Timestamp?, _ reservation: Reservation?) {
        adminSince = admin
        if role == .worker, let reservation { reserve(reservation) }
    }

    /// Workers have a stable name: their token's, else the one they tell, else their peer id.
    private static func actor(_ entry: Entry, peer: PeerID) -> Actor {
        let identity = entry.identity
        guard entry.registration.role == .worker else { return identity.actor(worker: nil) }
        return identity.actor(
            worker: identity.workerName ?? entry.registration.metadata.workerName ?? WorkerName(trusted: peer.text))
    }

    private func show() {
        let status = metadata.status ?? Self.available
        isTaken = role == .worker && (status != Self.available || reservation != nil)
        var shown = identity.marked(metadata)
        if reservation != nil, status == Self.available { shown = shown.with(property: "status", "reserved") }
        description = PeerDescription(peer: peer, role: role, metadata: shown, connectedAt: connectedAt)
    }

    static let available = "available"
}

extension PeerMetadata {
    /// As the server noted it.
    var accountKeyLabel: String? { object["_account_key_id"]?.stringValue }
}

extension Registration {
    /// Those of the capabilities asked for that the server has.
    var offeredCapabilities: [String] {
        [Self.registryCapability, Self.reserveCapability].filter(capabilities.contains)
    }
}

extension Identity {
    /// Metadata with what the server knows of the peer's credential: the name of the token, and the labels by which
    /// lists call credentials. A peer cannot say these of itself.
    fileprivate func marked(_ metadata: PeerMetadata) -> PeerMetadata {
        var marked = metadata
        for key in ["_worker_name", "_token_id", "_account_key_id"] where marked.object[key] != nil {
            marked = marked.with(key, nil)
        }
        switch proof {
        case .workerToken(let hash):
            if let workerName { marked = marked.with("_worker_name", .string(workerName.text)) }
            return marked.with("_token_id", .string(CredentialLabel.workerToken(hash)))
        case .accountKey(let hash):
            return marked.with("_account_key_id", .string(CredentialLabel.accountKey(hash)))
        case .jwt:
            return marked
        }
    }
}
