import RoomStorage
import Synchronization

/// What happened to a record, for logs.
package enum PostgresEvent: Sendable, Equatable {
    case connected
    /// A connection ended, with what was said.
    case lost(String)
    case became(StoreState)
    /// A batch of appends whose answer was lost was looked up in the record.
    case resolved(committed: Int, undone: Int)
    /// It could not be looked up in time.
    case unresolved(appends: Int)
    /// A batch was refused for one of its appends, and is sent again one by one.
    case divided(String)
}

/// Sums up what the connections know.
final class Reachability: Sendable {
    private struct Known {
        /// Why a connection is away, by its label.
        var away: [String: String] = [:]
        var state = StoreState.reachable
        var listeners: [Int: AsyncStream<StoreState>.Continuation] = [:]
        var lastListener = 0
    }

    private let known = Mutex(Known())
    private let onEvent: @Sendable (PostgresEvent) -> Void

    private let writer: String
    private let connections: Int

    /// - Parameter connections: how many there are, with the writer.
    init(writer: String, connections: Int, onEvent: @escaping @Sendable (PostgresEvent) -> Void) {
        self.writer = writer
        self.connections = connections
        self.onEvent = onEvent
    }

    var state: StoreState { known.withLock { $0.state } }

    /// Away is what cannot append, and what can do nothing but append.
    func note(_ status: ConnectionQueue.Status, of label: String) {
        let change = known.withLock { known -> StoreState? in
            switch status {
            case .up: known.away[label] = nil
            case .away(let reason): known.away[label] = reason
            }
            let state = state(known.away)
            defer { known.state = state }
            guard (state == .reachable) != (known.state == .reachable) else { return nil }
            for listener in known.listeners.values { listener.yield(state) }
            return state
        }
        if let change { onEvent(.became(change)) }
    }

    private func state(_ away: [String: String]) -> StoreState {
        if let reason = away[writer] { return .away(reason) }
        return away.count >= connections - 1 ? away.values.min().map(StoreState.away) ?? .reachable : .reachable
    }

    /// The state now, and every change from now on; a slow listener misses all but the newest.
    func changes() -> AsyncStream<StoreState> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let number = known.withLock { known in
                known.lastListener += 1
                known.listeners[known.lastListener] = continuation
                continuation.yield(known.state)
                return known.lastListener
            }
            continuation.onTermination = { [self] _ in known.withLock { $0.listeners[number] = nil } }
        }
    }

    func finish() {
        let listeners = known.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.finish() }
    }
}
