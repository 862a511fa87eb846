import RoomCore

/// The shared fast view of rooms: who is present, and word of changes made by other servers.
///
/// It is never the point of acknowledgement and may lose everything at any moment: presence is renewed by its owner,
/// and a server that missed an announcement reads the record. Duties: ``announce(_:)`` and presence calls never wait
/// for a peer; an announcement reaches every *other* server that listens at that moment at least once, and those of
/// one room in revision order; a lease that is not renewed within its term is gone from ``presence(in:)``.
package protocol LiveRooms: Sendable {
    /// Tells the other servers that a room moved on.
    func announce(_ notice: RoomNotice) async

    /// Calls `hear` with each notice from another server until the listener is cancelled.
    func listen(as server: ServerID, hear: @escaping @Sendable (RoomNotice) -> Void) async -> LiveListener

    /// Enters or renews peers of one server for a term.
    func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) async

    /// Takes a peer out, if it is still the one of this session.
    func leave(_ peer: PeerID, in room: RoomID, session: String) async

    /// Everyone present in a room, on any server.
    func presence(in room: RoomID) async -> [PresentPeer]
}

/// One running server process.
package struct ServerID: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

package struct RoomNotice: Sendable, Equatable {
    package let server: ServerID
    package let room: RoomID
    package let epoch: Epoch
    package let revision: Revision

    package init(server: ServerID, room: RoomID, epoch: Epoch, revision: Revision) {
        self.server = server
        self.room = room
        self.epoch = epoch
        self.revision = revision
    }
}

package struct PresentPeer: Sendable, Equatable {
    package let room: RoomID
    package let peer: PeerID
    package let session: String
    package let role: PeerRole
    package let worker: WorkerName?

    package init(room: RoomID, peer: PeerID, session: String, role: PeerRole, worker: WorkerName?) {
        self.room = room
        self.peer = peer
        self.session = session
        self.role = role
        self.worker = worker
    }
}

/// Ends a listener; letting go of it does too.
package final class LiveListener: Sendable {
    private let onCancel: @Sendable () -> Void

    package init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = onCancel }

    package func cancel() { onCancel() }

    deinit { onCancel() }
}
