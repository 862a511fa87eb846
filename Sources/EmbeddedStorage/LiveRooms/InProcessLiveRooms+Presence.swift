import RoomCore
import RoomStorage

extension InProcessLiveRooms {
    package func enter(_ peer: PresentPeer) {
        rooms.withLock { state in
            state.peers[peer.room, default: [:]][peer.peer] = peer
            state.tell(.arrived(peer), about: peer.room, except: peer.server)
        }
    }

    package func leave(_ peer: PresentPeer) {
        rooms.withLock { state in
            if let present = state.peers[peer.room]?[peer.peer] {
                guard present.session == peer.session else { return }
                state.remove(peer.peer, from: peer.room)
            }
            state.tell(.left(peer), about: peer.room, except: peer.server)
        }
    }

    package func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) {
        let now = elapsed()
        rooms.withLock { state in
            state.leases[server] = now + term
            for peer in peers { state.reenter(peer) }
            state.sweep(at: now)
        }
    }

    package func presence(in room: RoomID) async -> [PresentPeer]? {
        let now = elapsed()
        return rooms.withLock { state in
            (state.peers[room] ?? [:]).values.filter { state.lives($0.server, at: now) }
        }.sorted { $0.peer < $1.peer }
    }

    package func servers() async -> Set<ServerID>? {
        let now = elapsed()
        return rooms.withLock { state in Set(state.leases.filter { $0.value > now }.keys) }
    }
}

extension InProcessLiveRooms.State {
    func lives(_ server: ServerID, at now: Duration) -> Bool { leases[server].map { $0 > now } ?? false }

    /// A renewal may come from a server that has not yet heard of its peer's later session elsewhere, which stays.
    mutating func reenter(_ peer: PresentPeer) {
        if let present = peers[peer.room]?[peer.peer], present.session != peer.session,
            present.connectedAt >= peer.connectedAt
        {
            return
        }
        peers[peer.room, default: [:]][peer.peer] = peer
    }

    mutating func remove(_ peer: PeerID, from room: RoomID) {
        peers[room]?[peer] = nil
        if peers[room]?.isEmpty == true { peers[room] = nil }
    }

    /// Removes what servers that are gone left behind, once a minute: nobody may ask for those rooms again.
    mutating func sweep(at now: Duration) {
        guard now >= nextSweep else { return }
        nextSweep = now + .seconds(60)
        leases = leases.filter { $0.value > now }
        peers = peers.compactMapValues { inRoom in
            let living = inRoom.filter { leases[$0.value.server] != nil }
            return living.isEmpty ? nil : living
        }
    }
}
