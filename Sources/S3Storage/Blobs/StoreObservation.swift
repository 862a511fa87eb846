import RoomStorage
import Synchronization

/// Remembers whether the store answered last, and tells of each change once.
final class StoreObservation: Sendable {
    private let current = Mutex(StoreState.reachable)
    private let onChange: @Sendable (StoreState) -> Void

    init(onChange: @escaping @Sendable (StoreState) -> Void) { self.onChange = onChange }

    var state: StoreState { current.withLock { $0 } }

    /// Being away for another reason is news to ``state``, but no change to tell.
    func observe(_ next: StoreState) {
        let isChange = current.withLock { current in
            defer { current = next }
            return (current == .reachable) != (next == .reachable)
        }
        if isChange { onChange(next) }
    }
}
