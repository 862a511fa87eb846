import RoomCore
import RoomStorage
import Synchronization

/// Live rooms for the servers of one process: one server alone, or several in a test.
package final class InProcessLiveRooms: LiveRooms {
    struct State {
        var listeners: [ServerID: Listening] = [:]
        var lastNumber = 0
        var manifests: [RoomID: SharedManifest] = [:]
        var peers: [RoomID: [PeerID: PresentPeer]] = [:]
        /// When each server's word ends.
        var leases: [ServerID: Duration] = [:]
    }

    struct Listening {
        let number: Int
        let delivery: NewsDelivery
        var rooms: Set<RoomID> = []
    }

    let current = Mutex(State())
    let elapsed: @Sendable () -> Duration
    private let newsLimit: Int

    /// - Parameter elapsed: time since any fixed moment; it never falls.
    /// - Parameter newsLimit: news that may wait for one listener.
    package init(elapsed: @escaping @Sendable () -> Duration, newsLimit: Int = 65_536) {
        self.elapsed = elapsed
        self.newsLimit = newsLimit
    }

    package var state: StoreState { .reachable }
}

// MARK: - The bus

extension InProcessLiveRooms {
    package func listen(
        as server: ServerID, hear: @escaping @Sendable (LiveNews) -> Void
    ) async -> LiveListener {
        let delivery = NewsDelivery(limit: newsLimit, hear: hear)
        let number = current.withLock { state in
            state.lastNumber += 1
            // Rooms that were followed before somebody listened are followed now.
            let rooms = state.listeners[server]?.rooms ?? []
            state.listeners[server] = Listening(number: state.lastNumber, delivery: delivery, rooms: rooms)
            return state.lastNumber
        }
        return LiveListener { [weak self] in
            delivery.cancel()
            self?.current.withLock { state in
                if state.listeners[server]?.number == number { state.listeners[server] = nil }
            }
        }
    }

    package func follow(_ room: RoomID, as server: ServerID) async {
        current.withLock { state in
            let silent = Listening(number: 0, delivery: NewsDelivery(limit: 1) { _ in })
            state.listeners[server, default: silent].rooms.insert(room)
        }
    }

    package func unfollow(_ room: RoomID, as server: ServerID) {
        current.withLock { _ = $0.listeners[server]?.rooms.remove(room) }
    }

    package func route(_ frame: RoutedFrame, answer: @escaping @Sendable (Bool) -> Void) {
        let isHeard = current.withLock { state in
            guard let listening = state.listeners[frame.server], listening.number > 0 else { return false }
            listening.delivery.offer(.frame(frame))
            return true
        }
        answer(isHeard)
    }

    package func broadcast(_ order: [UInt8], from server: ServerID) {
        current.withLock { state in
            for (other, listening) in state.listeners where other != server { listening.delivery.offer(.order(order)) }
        }
    }
}

extension InProcessLiveRooms.State {
    /// Offered under the lock, so that every listener hears news in the one order they were told in.
    func tell(_ news: LiveNews, about room: RoomID, from server: ServerID) {
        guard listeners.count > 1 else { return }
        for (other, listening) in listeners where other != server && listening.rooms.contains(room) {
            listening.delivery.offer(news)
        }
    }
}

// MARK: - Presence

extension InProcessLiveRooms {
    package func enter(_ peer: PresentPeer) {
        current.withLock { state in
            state.peers[peer.room, default: [:]][peer.peer] = peer
            state.tell(.arrived(peer), about: peer.room, from: peer.server)
        }
    }

    package func leave(_ peer: PresentPeer) {
        current.withLock { state in
            guard state.peers[peer.room]?[peer.peer]?.session == peer.session else { return }
            state.remove(peer)
            state.tell(.left(peer), about: peer.room, from: peer.server)
        }
    }

    package func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) {
        let now = elapsed()
        current.withLock { state in
            state.leases[server] = now + term
            for peer in peers where state.peers[peer.room]?[peer.peer] == nil {
                state.peers[peer.room, default: [:]][peer.peer] = peer
            }
            state.sweep(at: now)
        }
    }

    package func presence(in room: RoomID) async -> [PresentPeer]? {
        let now = elapsed()
        return current.withLock { state in
            state.peers[room]?.values.filter { state.isLiving($0.server, at: now) } ?? []
        }
    }

    package func servers() async -> Set<ServerID>? {
        let now = elapsed()
        return current.withLock { state in Set(state.leases.keys.filter { state.isLiving($0, at: now) }) }
    }
}

extension InProcessLiveRooms.State {
    func isLiving(_ server: ServerID, at now: Duration) -> Bool { leases[server].map { now < $0 } ?? false }

    mutating func remove(_ peer: PresentPeer) {
        peers[peer.room]?[peer.peer] = nil
        if peers[peer.room]?.isEmpty == true { peers[peer.room] = nil }
    }

    /// What servers left behind that no longer live.
    mutating func sweep(at now: Duration) {
        let gone = leases.filter { $0.value <= now }.keys
        guard !gone.isEmpty else { return }
        for server in gone { leases[server] = nil }
        for peer in peers.values.flatMap(\.values) where leases[peer.server] == nil { remove(peer) }
    }
}
