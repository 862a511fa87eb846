import RoomCore
import RoomStorage
import WireMessages

/// The peers of one room that sit on other servers, as the live rooms tell of them.
struct RemotePeers {
    private var byID: [PeerID: RemotePeer] = [:]

    var all: Dictionary<PeerID, RemotePeer>.Values { byID.values }

    func find(_ peer: PeerID) -> RemotePeer? { byID[peer] }

    /// The peer that stood under this id before.
    mutating func insert(_ peer: RemotePeer) -> RemotePeer? { byID.updateValue(peer, forKey: peer.present.peer) }

    /// Takes out a session, and not one that came after it under the same id.
    mutating func remove(_ peer: PresentPeer) -> RemotePeer? {
        guard let standing = byID[peer.peer], standing.present.session == peer.session else { return nil }
        return byID.removeValue(forKey: peer.peer)
    }
}

/// What happens while the live rooms are asked who sits elsewhere: whoever is heard of meanwhile is known better from
/// that than from the answer, which may have been given before.
struct RemoteLook {
    var heardOf: Set<PeerID> = []
    /// Whether somebody wants a look that begins later than this one did.
    var isOutdated = false
}

struct RemotePeer {
    let present: PresentPeer
    let card: PresenceCard
    let description: PeerDescription

    init(_ present: PresentPeer) {
        self.present = present
        card = PresenceCard(present.card)
        description = PeerDescription(
            peer: present.peer, role: present.role, metadata: card.metadata, connectedAt: present.connectedAt)
    }

    var metadata: PeerMetadata { card.metadata }

    /// As ``Session/isTaken``.
    var isTaken: Bool {
        present.role == .worker && (metadata.status ?? Session.available) != Session.available
    }
}

extension PresentPeer {
    /// How the other servers see a session of this one.
    init(_ session: Session, in room: RoomID, on server: ServerID) {
        self.init(
            room: room, peer: session.peer, server: server, session: session.publicID,
            owner: session.identity.principal, role: session.role, worker: session.actor.worker,
            connectedAt: session.connectedAt, card: PresenceCard.encoded(session))
    }
}
