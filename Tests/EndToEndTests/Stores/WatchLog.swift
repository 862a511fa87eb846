import JSONWire
import RoomClient
import Synchronization

/// What one watcher was told, folded to what it must now believe.
final class WatchLog: Sendable {
    struct State {
        var models: Set<String> = []
        /// Models of a snapshot whose last page is not here yet.
        var arriving: Set<String> = []
        var snapshots = 0
        var positions: [WatchPosition] = []
        var presence: [(peer: String, isOnline: Bool)] = []
        var fault: String?
    }

    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Begins to watch, on any number of sockets one after the other.
    init(_ session: RoomSession, presence: Bool = false) async throws {
        let events = try await session.watch(presence: presence)
        let reading = Task {
            do {
                for try await event in events { self.take(event) }
            } catch {
                self.state.withLock { $0.fault = "\(error)" }
            }
        }
        task.withLock { $0 = reading }
    }

    deinit { task.withLock { $0?.cancel() } }

    private func take(_ event: WatchEvent) {
        state.withLock { state in
            switch event {
            case .snapshot(let models, let isLast):
                state.arriving.formUnion(models.compactMap { $0["id"]?.stringValue })
                guard isLast else { return }
                state.models = state.arriving
                state.arriving = []
                state.snapshots += 1
            case .change(let message, let position):
                if let id = message["model_id"]?.stringValue { state.models.insert(id) }
                state.positions.append(position)
            case .presence(let message):
                if let peer = message["peer_id"]?.stringValue, let isOnline = message["online"]?.boolValue {
                    state.presence.append((peer, isOnline))
                }
            }
        }
    }

    var now: State { state.withLock { $0 } }
}
