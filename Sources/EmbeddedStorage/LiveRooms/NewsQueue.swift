import Dispatch
import RoomCore
import RoomStorage
import Synchronization

/// News on its way to one listener: in order, one piece at a time, never in the teller's thread.
final class NewsQueue: Sendable {
    private struct State {
        var waiting: [LiveNews] = []
        var waitingBytes = 0
        var isDelivering = false
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "rooms.news")
    private let hear: @Sendable (LiveNews) -> Void
    private let limit: Int
    private let byteLimit = 64 * 1024 * 1024

    init(limit: Int, hear: @escaping @Sendable (LiveNews) -> Void) {
        self.limit = max(1, limit)
        self.hear = hear
    }

    /// A full queue is given up, and the listener told so: it compares everything with the record.
    func offer(_ news: LiveNews) {
        let isFirst = state.withLock { state in
            guard !state.isCancelled else { return false }
            let size = Self.size(of: news)
            if state.waiting.count >= limit || state.waitingBytes + size > byteLimit {
                state.waiting = [.interrupted]
                state.waitingBytes = 0
            }
            state.waiting.append(news)
            state.waitingBytes += size
            defer { state.isDelivering = true }
            return !state.isDelivering
        }
        if isFirst { queue.async { self.deliver() } }
    }

    private static func size(of news: LiveNews) -> Int {
        switch news {
        case .committed(let notice): notice.changes.reduce(0) { $0 + $1.count }
        case .frame(let frame): frame.text.count
        case .order(let bytes): bytes.count
        case .arrived(let peer), .left(let peer): peer.card.count
        case .outOfStep, .interrupted: 0
        }
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
            for piece in news {
                guard !state.withLock({ $0.isCancelled }) else { return }
                hear(piece)
            }
        }
    }

    private func taken() -> [LiveNews]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDelivering = false
                return nil
            }
            defer {
                state.waiting = []
                state.waitingBytes = 0
            }
            return state.waiting
        }
    }
}
