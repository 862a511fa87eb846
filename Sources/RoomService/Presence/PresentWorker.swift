import JSONWire
import RoomCore
import RoomStorage

/// A worker that is in a room now, on whatever server.
package struct PresentWorker: Sendable {
    package let peer: PeerID
    package let connectedAt: Timestamp
    package let name: WorkerName?
    package let properties: JSONObject
    /// The token it came with, if it did.
    package let token: SecretHash?
    /// The label of the account key it came with, if it did.
    package let accountKey: String?
}

extension PresentWorker {
    init(_ session: Session) {
        let shown = session.description.metadata
        self.init(
            peer: session.peer, connectedAt: session.connectedAt, name: session.actor.worker,
            properties: shown.properties, token: Identity.token(ofPrincipal: session.identity.principal),
            accountKey: shown.accountKeyLabel)
    }

    init(_ remote: RemotePeer) {
        let present = remote.present
        self.init(
            peer: present.peer, connectedAt: present.connectedAt, name: present.worker,
            properties: remote.metadata.properties, token: Identity.token(ofPrincipal: present.owner),
            accountKey: remote.metadata.accountKeyLabel)
    }
}

extension RoomLoop {
    /// A worker that is moving between servers stands once.
    package var workers: [PresentWorker] {
        peers.all.filter { $0.role == .worker }.map(PresentWorker.init)
            + remotes.all.filter { $0.present.role == .worker && peers.find($0.present.peer) == nil }
            .map(PresentWorker.init)
    }
}

extension RoomDirectory {
    /// The workers in a room, those first that came first; nil when it cannot be known now.
    ///
    /// A room that is not in memory is not read for it: dashboards ask every few seconds, for every room they show.
    package func workers(in room: RoomID) async -> [PresentWorker]? {
        let found: [PresentWorker]
        if let loaded = loaded(room) {
            found = await loaded.workers
        } else {
            guard let present = await dependencies.live.presence(in: room) else { return nil }
            found = present.filter { $0.role == .worker }.map { PresentWorker(RemotePeer($0)) }
        }
        return found.sorted { ($0.connectedAt, $0.peer) < ($1.connectedAt, $1.peer) }
    }
}
