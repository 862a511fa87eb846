import RoomStorage
import Synchronization

/// What callers may ask without waiting for the queue.
final class LiveStatus: Sendable {
    struct Facts {
        var state = StoreState.away("\(RedisFault.connecting)")
        /// Frames can go out: a full Redis still carries them.
        var isConnected = false
        var counters = LiveCounters()
    }

    private let facts = Mutex(Facts())

    var state: StoreState { facts.withLock { $0.state } }
    var isConnected: Bool { facts.withLock { $0.isConnected } }
    var counters: LiveCounters { facts.withLock { $0.counters } }

    func count(_ change: (inout LiveCounters) -> Void) { facts.withLock { change(&$0.counters) } }

    /// True when the state is another now.
    func set(_ state: StoreState, isConnected: Bool) -> Bool {
        facts.withLock { facts in
            facts.isConnected = isConnected
            defer { facts.state = state }
            return facts.state != state
        }
    }
}
