import RoomCore

/// The shared fast view of rooms: their manifests at the newest revision, who is present on which server, and the bus
/// that carries word and frames between servers.
///
/// It is never the point of acknowledgement and may lose everything at any moment: what it holds is rebuilt from the
/// record or renewed by its owner. Calls that are not `async` never wait; they are sent in the order they were made.
/// Duties: an announcement reaches every *other* server that follows the room at that moment, those of one room in
/// revision order; a live manifest moves only from a revision to its successor, in one epoch; a peer whose server does
/// not renew within its term is gone from ``presence(in:)``; after a time in which something may have been lost, the
/// listener hears ``LiveNews/interrupted``.
package protocol LiveRooms: Sendable {
    /// Whether it can be reached now, and if not, why.
    var state: StoreState { get }

    // MARK: The bus

    /// Calls `hear` with all news for one server until the listener is cancelled; one listener for each server.
    func listen(as server: ServerID, hear: @escaping @Sendable (LiveNews) -> Void) async -> LiveListener
    /// From its return on, the listener hears the news of a room. When the bus is away, it does so from its return on.
    func follow(_ room: RoomID, as server: ServerID) async
    func unfollow(_ room: RoomID, as server: ServerID)

    /// Carries a frame to a peer's server; `answer` hears whether that server was listening. Frames from one server to
    /// one other arrive in order.
    func route(_ frame: RoutedFrame, answer: @escaping @Sendable (_ delivered: Bool) -> Void)
    /// Tells every other server something that this port does not read, such as a revocation.
    func broadcast(_ order: [UInt8], from server: ServerID)

    // MARK: Manifests

    /// Moves the live manifest by one commit, and tells the other servers that follow the room.
    ///
    /// Where the live manifest is not the predecessor, it stays as it is and the listener of this server hears
    /// ``LiveNews/outOfStep(_:)``; the others are told all the same, since the commit is durable.
    func announce(_ commit: LiveCommit)
    /// Puts a whole manifest in place, unless the one there is of the same epoch and newer or as new.
    func store(_ manifest: LiveManifest)
    /// Nil when there is none, or when it cannot be read now.
    func manifest(of room: RoomID) async -> LiveManifest?
    /// The contiguous changes after a revision that are still at hand, oldest first, up to the live manifest's
    /// revision; nil when the one right after it is gone, the epoch is another, or nothing can be read now.
    func changes(of room: RoomID, after revision: Revision, in epoch: Epoch) async -> [[UInt8]]?
    /// The room is gone from the record.
    func forget(_ room: RoomID)

    // MARK: Presence

    /// Enters a peer, and tells the servers that follow the room.
    func enter(_ peer: PresentPeer)
    /// Takes a peer out if it is still the one of this session, and tells the servers that follow the room.
    func leave(_ peer: PresentPeer)
    /// Says that a server lives for one more term, and enters all its peers anew should they have been lost.
    func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration)
    /// Everyone present in a room, on any server that lives; nil when it cannot be known now.
    func presence(in room: RoomID) async -> [PresentPeer]?
    /// The servers that live; nil when it cannot be known now.
    func servers() async -> Set<ServerID>?
}

/// Whether a store can be reached.
package enum StoreState: Sendable, Equatable {
    case reachable
    /// With the cause, and what to do where the program cannot help itself.
    case away(String)

    package var isReachable: Bool { self == .reachable }
}

/// One running server process.
package struct ServerID: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

package enum LiveNews: Sendable, Equatable {
    /// Another server committed.
    case committed(RoomNotice)
    case arrived(PresentPeer)
    case left(PresentPeer)
    case frame(RoutedFrame)
    case order([UInt8])
    /// The live manifest of a room is missing or not the predecessor of what this server announced.
    case outOfStep(RoomID)
    /// News may have been lost, and what was stored too: compare everything with the record and renew.
    case interrupted
}

/// That a room moved on, with the changes when they are small enough to be carried along.
package struct RoomNotice: Sendable, Equatable {
    package let server: ServerID
    package let room: RoomID
    package let epoch: Epoch
    package let base: Revision
    package let revision: Revision
    /// The recorded changes from `base.successor` to `revision`; empty when the record must be asked.
    package let changes: [[UInt8]]

    package init(
        server: ServerID, room: RoomID, epoch: Epoch, base: Revision, revision: Revision, changes: [[UInt8]]
    ) {
        self.server = server
        self.room = room
        self.epoch = epoch
        self.base = base
        self.revision = revision
        self.changes = changes
    }
}

/// A named piece of a live manifest, which the store does not read.
package struct LiveField: Sendable, Equatable {
    package let name: String
    package let value: [UInt8]

    package init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// What one commit did to a room.
package struct LiveCommit: Sendable, Equatable {
    package let notice: RoomNotice
    /// The pieces as they stand after it.
    package let fields: [LiveField]

    package init(notice: RoomNotice, fields: [LiveField]) {
        self.notice = notice
        self.fields = fields
    }
}

/// A room's whole manifest at a revision.
package struct LiveManifest: Sendable, Equatable {
    package let room: RoomID
    package let epoch: Epoch
    package let revision: Revision
    package let fields: [LiveField]

    package init(room: RoomID, epoch: Epoch, revision: Revision, fields: [LiveField]) {
        self.room = room
        self.epoch = epoch
        self.revision = revision
        self.fields = fields
    }
}

/// A frame on its way to a peer on another server.
package struct RoutedFrame: Sendable, Equatable {
    package let server: ServerID
    package let room: RoomID
    package let peer: PeerID
    /// The session it is meant for: a later one under the same id does not get it.
    package let session: String
    package let text: [UInt8]

    package init(server: ServerID, room: RoomID, peer: PeerID, session: String, text: [UInt8]) {
        self.server = server
        self.room = room
        self.peer = peer
        self.session = session
        self.text = text
    }
}

package struct PresentPeer: Sendable, Equatable {
    package let room: RoomID
    package let peer: PeerID
    package let server: ServerID
    package let session: String
    /// Who holds the peer id: nobody else may take it over. No secret.
    package let owner: String
    package let role: PeerRole
    package let worker: WorkerName?
    package let connectedAt: Timestamp
    /// What other peers are shown, which the store does not read.
    package let card: [UInt8]

    package init(
        room: RoomID, peer: PeerID, server: ServerID, session: String, owner: String, role: PeerRole,
        worker: WorkerName?, connectedAt: Timestamp, card: [UInt8]
    ) {
        self.room = room
        self.peer = peer
        self.server = server
        self.session = session
        self.owner = owner
        self.role = role
        self.worker = worker
        self.connectedAt = connectedAt
        self.card = card
    }
}

/// Ends a listener; letting go of it does too.
package final class LiveListener: Sendable {
    private let onCancel: @Sendable () -> Void

    package init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = onCancel }

    package func cancel() { onCancel() }

    deinit { onCancel() }
}
