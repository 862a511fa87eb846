import RoomCore
import RoomStorage

extension LiveEngine {
    private static let peersTerm = Duration.seconds(86_400)

    static func entering(_ peer: PresentPeer, keys: LiveKeys) -> RedisCommand {
        RedisCommand(
            LiveScripts.enter, keys: [keys.peers(peer.room)],
            arguments: [
                Array(peer.peer.text.utf8), PresenceEntry.encode(peer), Array(peersTerm.wholeMilliseconds.utf8),
                Array(keys.channel(peer.room).utf8), Envelope.arrived(peer),
            ])
    }

    static func leaving(_ peer: PresentPeer, keys: LiveKeys) -> RedisCommand {
        var session: [UInt8] = []
        session.append(text: peer.session)
        return RedisCommand(
            LiveScripts.leave, keys: [keys.peers(peer.room)],
            arguments: [
                Array(peer.peer.text.utf8), session, Array(keys.channel(peer.room).utf8), Envelope.left(peer),
            ])
    }

    /// - Parameter command: ``entering(_:keys:)`` or ``leaving(_:keys:)``.
    func move(_ peer: PresentPeer, by command: RedisCommand) {
        for renewal in renewals.values { renewal.skip(peer) }
        send(command) { [weak self] result in
            guard let self, case .success(let reply) = result, reply.array != nil else { return }
            _ = isDone(reply, key: keys.peers(peer.room))
        }
    }

    func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) {
        var lease = RedisCommand(
            LiveScripts.lease, keys: [keys.servers],
            arguments: [Array(server.text.utf8), Array(term.wholeMilliseconds.utf8)])
        lease.provesWriting = true
        send(lease) { _ in }
        let renewal = Renewal(peers)
        renewals[server] = renewal
        continueRenewal(renewal, of: server)
    }

    /// Sends one slice, and the next when it was answered: ten thousand peers do not stand before everybody else's commands.
    private func continueRenewal(_ renewal: Renewal, of server: ServerID) {
        guard renewals[server] === renewal else { return }
        let slice = renewal.nextSlice()
        guard !slice.isEmpty else {
            renewals[server] = nil
            return
        }
        for (number, group) in slice.enumerated() {
            var arguments = [Array(Self.peersTerm.wholeMilliseconds.utf8)]
            for peer in group.peers { arguments += [Array(peer.peer.text.utf8), PresenceEntry.encode(peer)] }
            let command = RedisCommand(LiveScripts.renew, keys: [keys.peers(group.room)], arguments: arguments)
            send(command) { [weak self] result in
                guard let self, number == slice.count - 1 else { return }
                if case .failure = result { renewals[server] = nil } else { continueRenewal(renewal, of: server) }
            }
        }
    }

    func servers(then: @escaping (Set<ServerID>?) -> Void) {
        send(RedisCommand(LiveScripts.servers, keys: [keys.servers], arguments: [])) { result in
            guard case .success(let reply) = result, let list = reply.array else { return then(nil) }
            then(Set(list.compactMap(\.text).map(ServerID.init)))
        }
    }

    func presence(in room: RoomID, then: @escaping ([PresentPeer]?) -> Void) {
        let key = keys.peers(room)
        // Entries first: whoever entered has renewed before that, so its server is among the living that are read after.
        send(RedisCommand("HGETALL", key, key: key)) { [weak self] result in
            guard let self, case .success(let reply) = result, let list = reply.array else { return then(nil) }
            servers { [weak self] living in
                guard let self, let living else { return then(nil) }
                then(self.present(in: list, of: room, living: living))
            }
        }
    }

    /// Reads the entries of a room, and removes what servers that are gone left behind.
    private func present(in list: [RedisValue], of room: RoomID, living: Set<ServerID>) -> [PresentPeer] {
        var present: [PresentPeer] = []
        var leftovers: [[UInt8]] = []
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            guard let name = list[index].bytes, let entry = list[index + 1].bytes else { continue }
            let peer = PeerID(String(decoding: name, as: UTF8.self)).flatMap {
                PresenceEntry.decode(entry, peer: $0, in: room)
            }
            if let peer, living.contains(peer.server) {
                present.append(peer)
            } else if leftovers.count < 1_000 {
                leftovers += [name, entry]
            }
        }
        if !leftovers.isEmpty {
            commands.send(RedisCommand(LiveScripts.sweep, keys: [keys.peers(room)], arguments: leftovers)) { _ in }
        }
        return present.sorted { $0.peer < $1.peer }
    }
}

/// The peers of one server that are being entered anew, slice by slice.
final class Renewal {
    typealias Group = (room: RoomID, peers: [PresentPeer])

    private struct Name: Hashable {
        let room: RoomID
        let peer: PeerID
    }

    private static let peersAtOnce = 200
    private static let roomsAtOnce = 100

    private var groups: ArraySlice<Group>
    private var skipped: Set<Name> = []

    init(_ peers: [PresentPeer]) {
        let rooms = Dictionary(grouping: peers, by: \.room)
        groups =
            rooms.flatMap { room, peers in
                stride(from: 0, to: peers.count, by: Self.peersAtOnce).map { start in
                    (room, Array(peers[start..<min(start + Self.peersAtOnce, peers.count)]))
                }
            }[...]
    }

    /// It moved in the meantime: what the renewal knows of it is old.
    func skip(_ peer: PresentPeer) { skipped.insert(Name(room: peer.room, peer: peer.peer)) }

    func nextSlice() -> [Group] {
        var slice: [Group] = []
        var count = 0
        while slice.count < Self.roomsAtOnce, count < Self.peersAtOnce, let group = groups.popFirst() {
            let peers = group.peers.filter { !skipped.contains(Name(room: $0.room, peer: $0.peer)) }
            if !peers.isEmpty { slice.append((group.room, peers)) }
            count += peers.count
        }
        return slice
    }
}
