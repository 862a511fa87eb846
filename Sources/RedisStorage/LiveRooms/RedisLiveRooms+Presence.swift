import RoomCore
import RoomStorage

extension RedisLiveRooms {
    private static let peersAtOnce = 200
    /// A server that is longer dead is no more known.
    private static let knownFor = Duration.seconds(24 * 3600)

    package nonisolated func enter(_ peer: PresentPeer) {
        perform { rooms in
            var command = rooms.call(of: .enter, keys: [rooms.keys.peers(peer.room)])
            command.add(rooms.keys.news(peer.room))
            command.add { Envelope.seal(peer, as: .arrived, in: &$0) }
            command.add(peer.peer.text)
            command.add { Envelope.seal(peer, as: .peer, in: &$0) }
            command.add(Int(rooms.settings.manifestTerm.seconds))
            rooms.issue(command)
        }
    }

    package nonisolated func leave(_ peer: PresentPeer) {
        perform { rooms in
            var command = rooms.call(of: .leave, keys: [rooms.keys.peers(peer.room)])
            command.add(rooms.keys.news(peer.room))
            command.add { Envelope.seal(peer, as: .left, in: &$0) }
            command.add(peer.peer.text)
            command.add(Envelope.beginning(ofPeerIn: peer.session))
            rooms.issue(command)
        }
    }

    package nonisolated func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) {
        perform { $0.renewLease(of: server, for: term, with: peers) }
    }

    private func renewLease(of server: ServerID, for term: Duration, with peers: [PresentPeer]) {
        var command = call(of: .renewLease, keys: [keys.servers])
        command.add(server.text)
        command.add(term.wholeMilliseconds)
        command.add(Self.knownFor.wholeMilliseconds)
        issue(command) { rooms, result in
            guard case .success(.integer(let wasKnown)) = result else { return }
            // A server that was there and is not: all was flushed, by whatever hand.
            if !rooms.renewed.insert(server).inserted, wasKnown == 0 { rooms.tellInterrupted() }
        }
        for (room, present) in Dictionary(grouping: peers, by: \.room) {
            for start in stride(from: 0, to: present.count, by: Self.peersAtOnce) {
                var command = call(of: .enterAnew, keys: [keys.peers(room)])
                command.add(Int(settings.manifestTerm.seconds))
                for peer in present[start..<min(start + Self.peersAtOnce, present.count)] {
                    command.add(peer.peer.text)
                    command.add { Envelope.seal(peer, as: .peer, in: &$0) }
                }
                issue(command)
            }
        }
    }

    package func presence(in room: RoomID) async -> [PresentPeer]? {
        guard let living = await servers(),
            let items = try? await ask(RedisCommand("HGETALL", keys.peers(room))).get().arrayValue
        else { return nil }
        var present: [PresentPeer] = []
        var dead: [[UInt8]] = []
        for at in stride(from: 0, to: items.count - 1, by: 2) {
            guard let name = items[at].bytesValue, let stored = items[at + 1].bytesValue else { return nil }
            if let peer = Envelope.openPeer(stored), peer.room == room, living.contains(peer.server) {
                present.append(peer)
            } else {
                dead += [name, stored]
            }
        }
        if !dead.isEmpty { remove(dead, from: room) }
        return present
    }

    /// Only what is still as it was read: whoever renewed meanwhile is entered again by the next renewal.
    private func remove(_ dead: [[UInt8]], from room: RoomID) {
        var command = call(of: .removeDead, keys: [keys.peers(room)])
        for word in dead { command.add(word) }
        issue(command)
    }

    package func servers() async -> Set<ServerID>? {
        guard let items = try? await ask(call(of: .livingServers, keys: [keys.servers])).get().arrayValue else {
            return nil
        }
        return Set(items.compactMap(\.textValue).map { ServerID($0) })
    }
}
