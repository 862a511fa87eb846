import Glibc
import JSONWire
import RoomCore
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
    private(set) var hasRegistry: Bool
    private(set) var actor: Actor
    var metadata: PeerMetadata
    let connectedAt: Timestamp
    @exclusivity(unchecked) var outbox: Outbox
    var replies = ReplyQueue<PendingRead>()
    var watch: Watch?
    var bucket: TokenBucket
    var readingPaused = false
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
        hasRegistry = entry.registration.wantsRegistry
        metadata = entry.registration.metadata
        actor = Self.actor(entry, peer: peer)
        connectedAt = now
        outbox = Outbox(channel: channel, limit: settings.outboxBytes)
        bucket = TokenBucket(perSecond: settings.limits.requestsPerSecond, at: now)
    }

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
        hasRegistry = hasRegistry || entry.registration.wantsRegistry
        let merged = metadata.merging(entry.registration.metadata.object)
        metadata = merged.isWithinBounds ? merged : entry.registration.metadata
        actor = Self.actor(entry, peer: peer)
    }

    /// Workers have a stable name: their token's, else the one they tell, else their peer id.
    private static func actor(_ entry: Entry, peer: PeerID) -> Actor {
        let identity = entry.identity
        guard entry.registration.role == .worker else { return identity.actor(worker: nil) }
        return identity.actor(
            worker: identity.workerName ?? entry.registration.metadata.workerName ?? WorkerName(trusted: peer.text))
    }

    var description: PeerDescription {
        PeerDescription(peer: peer, role: role, metadata: metadata, connectedAt: connectedAt)
    }
}

extension PeerMetadata {
    /// Whether it may be kept, however it came together.
    var isWithinBounds: Bool { JSONValue.object(object).encoded().count <= Self.maxBytes }
}
