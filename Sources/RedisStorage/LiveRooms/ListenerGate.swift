import RoomStorage
import Synchronization

/// Lets news through until it is closed, which takes effect at once and not after what waits on the queue.
final class ListenerGate: Sendable {
    private let isClosed = Atomic(false)
    private let listener: @Sendable (LiveNews) -> Void

    init(_ listener: @escaping @Sendable (LiveNews) -> Void) { self.listener = listener }

    func hear(_ news: LiveNews) {
        if !isClosed.load(ordering: .acquiring) { listener(news) }
    }

    func close() { isClosed.store(true, ordering: .releasing) }
}
