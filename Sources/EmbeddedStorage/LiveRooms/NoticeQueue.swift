import Dispatch
import RoomCore
import RoomStorage
import Synchronization

/// Notices on their way to one listener: in order, one at a time, never in the announcer's thread.
final class NoticeQueue: Sendable {
    private struct State {
        var waiting: [RoomNotice] = []
        var isDelivering = false
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "rooms.notices")
    private let hear: @Sendable (RoomNotice) -> Void
    private let limit: Int

    init(limit: Int, hear: @escaping @Sendable (RoomNotice) -> Void) {
        self.limit = max(1, limit)
        self.hear = hear
    }

    /// A full queue keeps the last notice of each room, which says all that the earlier ones did; should that not be
    /// enough, the older half goes.
    func offer(_ notice: RoomNotice) {
        let isFirst = state.withLock { state in
            guard !state.isCancelled else { return false }
            if state.waiting.count >= limit { state.waiting = thinned(state.waiting) }
            state.waiting.append(notice)
            defer { state.isDelivering = true }
            return !state.isDelivering
        }
        if isFirst { queue.async { self.deliver() } }
    }

    private func thinned(_ notices: [RoomNotice]) -> [RoomNotice] {
        var rooms: Set<RoomID> = []
        let last = Array(notices.reversed().filter { rooms.insert($0.room).inserted }.reversed())
        return last.count > limit / 2 ? Array(last.suffix(limit / 2)) : last
    }

    /// Nothing is heard from now on, but for a notice that is being heard at this moment.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.waiting = []
        }
    }

    private func deliver() {
        while let notices = taken() {
            for notice in notices {
                guard !state.withLock({ $0.isCancelled }) else { return }
                hear(notice)
            }
        }
    }

    private func taken() -> [RoomNotice]? {
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
