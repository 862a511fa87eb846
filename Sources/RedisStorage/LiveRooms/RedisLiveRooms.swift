import Dispatch
import RoomCore
import RoomStorage

/// Live rooms in Redis: one server, a master found by sentinels, or a cluster.
///
/// Redis away is a state and no error: calls that tell are dropped then, calls that ask give nil, and once both
/// connections stand again every listener hears ``LiveNews/interrupted``. News is heard on the queue of this object,
/// so `hear` must not wait.
package final class RedisLiveRooms: LiveRooms {
    let engine: Confined<LiveEngine>
    private let status: LiveStatus
    private let keys: LiveKeys
    private let settings: RedisSettings

    private init(url: RedisURL, settings: RedisSettings, onState: @escaping @Sendable (StoreState) -> Void) {
        let queue = DispatchQueue(label: "rooms.redis")
        let status = LiveStatus()
        let engine = LiveEngine(url: url, settings: settings, queue: queue, status: status, onState: onState)
        (self.status, self.settings, keys) = (status, settings, LiveKeys(database: url.database))
        self.engine = Confined(engine, to: queue)
    }

    deinit { engine.submit { $0.stop() } }

    /// Opens both connections; returns when it is known whether they stand, and also when they do not.
    ///
    /// - Parameter onState: hears each change of ``state``, on the queue of this object.
    package static func open(
        url: RedisURL, settings: RedisSettings, onState: @escaping @Sendable (StoreState) -> Void = { _ in }
    ) async -> RedisLiveRooms {
        let rooms = RedisLiveRooms(url: url, settings: settings, onState: onState)
        await withCheckedContinuation { continuation in
            rooms.engine.submit { engine in
                engine.start()
                engine.whenSettled { continuation.resume() }
            }
        }
        return rooms
    }

    /// Ends both connections; what is asked from then on is answered as by a Redis that is away.
    package func close() async {
        await withCheckedContinuation { continuation in
            engine.submit { engine in
                engine.stop()
                continuation.resume()
            }
        }
    }

    package var state: StoreState { status.state }
    package var counters: LiveCounters { status.counters }
}

// MARK: - The bus

extension RedisLiveRooms {
    package func listen(as server: ServerID, hear: @escaping @Sendable (LiveNews) -> Void) async -> LiveListener {
        let gate = ListenerGate(hear)
        let number = await withCheckedContinuation { continuation in
            engine.submit { engine in
                engine.listen(as: server, hear: gate.hear) { continuation.resume(returning: $0) }
            }
        }
        return LiveListener { [engine] in
            gate.close()
            engine.submit { $0.endListening(number, as: server) }
        }
    }

    package func follow(_ room: RoomID, as server: ServerID) async {
        await withCheckedContinuation { continuation in
            engine.submit { engine in engine.follow(room, as: server) { continuation.resume() } }
        }
    }

    package func unfollow(_ room: RoomID, as server: ServerID) {
        engine.submit { $0.unfollow(room, as: server) }
    }

    package func route(_ frame: RoutedFrame, answer: @escaping @Sendable (_ delivered: Bool) -> Void) {
        guard status.isConnected else { return answer(false) }
        let command = RedisCommand(
            publishTo: keys.channel(frame.server), key: RedisCommands.busKey, size: Envelope.size(of: frame)
        ) { Envelope.append(frame, to: &$0) }
        engine.submit { engine in
            engine.send(command) { [status = engine.status] result in
                let isDelivered = if case .success(.integer(let count)) = result { count > 0 } else { false }
                status.count { $0.framesRouted += 1 }
                answer(isDelivered)
            }
        }
    }

    package func broadcast(_ order: [UInt8], from server: ServerID) {
        let bytes = Envelope.order(order, from: server)
        let command = RedisCommand(publishTo: keys.everyone, key: RedisCommands.busKey, size: bytes.count) {
            $0.append(contentsOf: bytes)
        }
        engine.submit { $0.send(command) { _ in } }
    }
}

// MARK: - Manifests

extension RedisLiveRooms {
    package func announce(_ commit: LiveCommit) {
        let command = LiveEngine.command(for: commit, keys: keys, settings: settings)
        engine.submit { $0.announce(commit.notice, by: command) }
    }

    package func store(_ manifest: LiveManifest) {
        let commands = LiveEngine.commands(for: manifest, keys: keys, settings: settings)
        engine.submit { engine in
            for command in commands { engine.send(command) { _ in } }
        }
    }

    package func manifest(of room: RoomID) async -> LiveManifest? {
        await withCheckedContinuation { continuation in
            engine.submit { $0.manifest(of: room) { continuation.resume(returning: $0) } }
        }
    }

    package func changes(of room: RoomID, after revision: Revision, in epoch: Epoch) async -> [[UInt8]]? {
        await withCheckedContinuation { continuation in
            engine.submit { engine in
                engine.changes(of: room, after: revision, in: epoch) { continuation.resume(returning: $0) }
            }
        }
    }

    package func forget(_ room: RoomID) { engine.submit { $0.forget(room) } }
}

// MARK: - Presence

extension RedisLiveRooms {
    package func enter(_ peer: PresentPeer) {
        let command = LiveEngine.entering(peer, keys: keys)
        engine.submit { $0.move(peer, by: command) }
    }

    package func leave(_ peer: PresentPeer) {
        let command = LiveEngine.leaving(peer, keys: keys)
        engine.submit { $0.move(peer, by: command) }
    }

    package func renew(_ peers: [PresentPeer], of server: ServerID, for term: Duration) {
        engine.submit { $0.renew(peers, of: server, for: term) }
    }

    package func presence(in room: RoomID) async -> [PresentPeer]? {
        await withCheckedContinuation { continuation in
            engine.submit { $0.presence(in: room) { continuation.resume(returning: $0) } }
        }
    }

    package func servers() async -> Set<ServerID>? {
        await withCheckedContinuation { continuation in
            engine.submit { $0.servers { continuation.resume(returning: $0) } }
        }
    }
}
