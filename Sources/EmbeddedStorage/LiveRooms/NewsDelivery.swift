import Dispatch
import RoomStorage
import Synchronization

/// News on its way to one listener: in order, one at a time, never in the announcer's thread.
final class NewsDelivery: Sendable {
    private struct State {
        var waiting: [LiveNews] = []
        var isDelivering = false
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "rooms.news")
    private let hear: @Sendable (LiveNews) -> Void
    private let limit: Int

    init(limit: Int, hear: @escaping @Sendable (LiveNews) -> Void) {
        self.limit = max(1, limit)
        self.hear = hear
    }

    /// What does not fit any more stands as one interruption.
    func offer(_ news: LiveNews) {
        let isFirst = state.withLock { state in
            guard !state.isCancelled else { return false }
            if state.waiting.count >= limit { state.waiting = [.interrupted] }
            state.waiting.append(news)
            defer { state.isDelivering = true }
            return !state.isDelivering
        }
        if isFirst { queue.async { self.deliver() } }
    }

    /// Nothing is heard from now on, but for what is being heard at this moment.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.waiting = []
        }
    }

    private func deliver() {
        while let news = taken() {
            for item in news {
                guard !state.withLock({ $0.isCancelled }) else { return }
                hear(item)
            }
        }
    }

    private func taken() -> [LiveNews]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDelivering = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
