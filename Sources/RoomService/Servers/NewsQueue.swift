import RoomStorage
import Synchronization

/// News on its way from the bus to the rooms, in order and bounded. Whoever takes it takes all there is.
///
/// When more comes than is taken, the rest is dropped and stands as one interruption: everything is then compared with
/// the record, which costs more than the news and loses nothing.
final class NewsQueue: Sendable {
    private struct State {
        var waiting: [LiveNews] = []
        var bytes = 0
        var taker: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let maxBytes: Int

    init(maxBytes: Int = 64 << 20) { self.maxBytes = maxBytes }

    func put(_ news: LiveNews) {
        let taker = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.bytes += news.weight
            if state.bytes > maxBytes {
                // Orders are never dropped: they end what must not go on. Word of streams is, which are read anew.
                state.waiting = state.waiting.filter(\.isOrder) + (news.isOrder ? [news] : []) + [.interrupted]
                state.bytes = state.waiting.reduce(0) { $0 + $1.weight }
            } else {
                state.waiting.append(news)
            }
            return state.taker.take()
        }
        taker?.resume()
    }

    func close() {
        let taker = state.withLock { state in
            state.isClosed = true
            return state.taker.take()
        }
        taker?.resume()
    }

    /// All that waits, once something does; nil when the queue was closed.
    func takeAll() async -> [LiveNews]? {
        while true {
            let taken = state.withLock { state -> [LiveNews]? in
                guard !state.waiting.isEmpty, !state.isClosed else { return state.isClosed ? [] : nil }
                state.bytes = 0
                return state.waiting.take()
            }
            if let taken { return taken.isEmpty ? nil : taken }
            await withCheckedContinuation { taker in
                let isReady = state.withLock { state in
                    if !state.waiting.isEmpty || state.isClosed { return true }
                    state.taker = taker
                    return false
                }
                if isReady { taker.resume() }
            }
        }
    }
}

extension LiveNews {
    fileprivate var weight: Int {
        switch self {
        case .committed(let notice): 128 + notice.changes.reduce(0) { $0 + $1.count }
        case .arrived(let peer), .left(let peer): 256 + peer.card.count
        case .frame(let frame): 256 + frame.text.count
        case .order(let bytes): 128 + bytes.count
        case .outOfStep, .interrupted: 64
        }
    }

    fileprivate var isOrder: Bool {
        if case .order(let bytes) = self { StreamNote(bytes) == nil } else { false }
    }
}

extension Optional {
    fileprivate mutating func take() -> Wrapped? {
        defer { self = nil }
        return self
    }
}

extension Array {
    fileprivate mutating func take() -> [Element] {
        defer { self = [] }
        return self
    }
}
