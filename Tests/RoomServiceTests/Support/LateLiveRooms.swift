import EmbeddedStorage
import RoomCore
import RoomStorage
import Synchronization

/// Live rooms that look at once who is present, and say so late.
final class LateLiveRooms: LiveRooms {
    private struct State {
        var isHeld = false
        var looks = 0
    }

    private let rooms: InProcessLiveRooms
    private let held = Mutex(State())

    init(_ rooms: InProcessLiveRooms) { self.rooms = rooms }

    func hold() { held.withLock { $0 = State(isHeld: true) } }
    func release() { held.withLock { $0.isHeld = false } }
    /// Since ``hold()``.
    var looks: Int { held.withLock { $0.looks } }

    func presence(in room: RoomID) async -> [PresentPeer]? {
        let found = await rooms.presence(in: room)
        held.withLock { $0.looks += 1 }
        try? await eventually("release") { held.withLock { !$0.isHeld } }
        return found
    }

    // MARK: As they are

    var state: StoreState { rooms.state }

    func listen(as server: ServerID, hear: @escaping @Sendable (LiveNews) -> Void) async -> LiveListener {
        await rooms.listen(as: server, hear: hear)
    }

    func follow(_ room: RoomID, as server: ServerID) async { await rooms.follow(room, as: server) }
    func unfollow(_ room: RoomID, as server: ServerID) { rooms.unfollow(room, as: server) }
    func route(_ frame: RoutedFrame, answer: @escaping @Sendable (Bool) -> Void) { rooms.route(frame, answer: answer) }
    func broadcast(_ order: [UInt8], from server: ServerID) { rooms.broadcast(order, from: server) }
    func announce(_ commit: LiveCommit) { rooms.announce(commit) }
    func store(_ manifest: LiveManifest) { rooms.store(manifest) }
    func manifest(of room: RoomID) async -> LiveManifest? { await rooms.manifest(of: room) }

    func changes(of room: RoomID, after revision: Revision, in epoch: Epoch) async -> [[UInt8]]? {
        await rooms.changes(of: room, after: revision, in: epoch)
    }

    func forget(_ room: RoomID) { rooms.forget(room) }
    func enter(_ peer: PresentPeer) { rooms.enter(peer) }
    func leave(_ peer: PresentPeer) { rooms.leave(peer) }

    func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) {
        rooms.renew(peers, of: server, for: term)
    }

    func servers() async -> Set<ServerID>? { await rooms.servers() }
}
