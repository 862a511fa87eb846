import RoomStorage
import Synchronization

/// Hand-overs within one process.
package final class InProcessHandovers: HandoverStore {
    private struct Entry {
        var items: [HandoverItem]
        var end: Duration
        var bytes: Int

        /// The size of the items that had to go for it.
        mutating func add(_ item: HandoverItem, limit: Int, end: Duration) -> Int {
            items.append(item)
            let excess = items.prefix(max(0, items.count - max(1, limit)))
            let removed = excess.reduce(0) { $0 + $1.bytes.count }
            items.removeFirst(excess.count)
            bytes += item.bytes.count - removed
            self.end = end
            return removed
        }
    }

    private struct State {
        var values: [HandoverKey: Entry] = [:]
        var buffers: [HandoverKey: Entry] = [:]
        var bytes = 0
        var nextSweep: Duration = .zero
    }

    private let state = Mutex(State())
    private let elapsed: @Sendable () -> Duration
    private let byteLimit: Int

    /// - Parameter elapsed: time since any fixed moment; it never falls.
    /// - Parameter byteLimit: what all values and buffers may hold together.
    package init(elapsed: @escaping @Sendable () -> Duration, byteLimit: Int = 256 * 1024 * 1024) {
        self.elapsed = elapsed
        self.byteLimit = byteLimit
    }
}

// MARK: - Values

extension InProcessHandovers {
    package func put(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError) {
        _ = try place(bytes, at: key, for: term, onlyIfAbsent: false)
    }

    package func putIfAbsent(
        _ bytes: [UInt8], at key: HandoverKey, for term: Duration
    ) async throws(StoreError) -> Bool {
        try place(bytes, at: key, for: term, onlyIfAbsent: true)
    }

    private func place(
        _ bytes: [UInt8], at key: HandoverKey, for term: Duration, onlyIfAbsent: Bool
    ) throws(StoreError) -> Bool {
        let now = elapsed()
        return try state.withLock { (state) throws(StoreError) in
            if onlyIfAbsent, let previous = state.values[key], previous.end > now { return false }
            try makeRoom(for: bytes.count, in: &state, at: now)
            state.bytes += bytes.count - (state.values[key]?.bytes ?? 0)
            let item = HandoverItem(number: 1, bytes: bytes)
            state.values[key] = Entry(items: [item], end: now + term, bytes: bytes.count)
            return true
        }
    }

    package func load(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        let now = elapsed()
        return state.withLock { state in
            guard let entry = state.values[key], entry.end > now else { return nil }
            return entry.items.first?.bytes
        }
    }

    package func take(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        let now = elapsed()
        return state.withLock { state in
            guard let entry = state.values.removeValue(forKey: key) else { return nil }
            state.bytes -= entry.bytes
            return entry.end > now ? entry.items.first?.bytes : nil
        }
    }
}

// MARK: - Buffers

extension InProcessHandovers {
    package func append(
        _ item: [UInt8], to key: HandoverKey, limit: Int, for term: Duration
    ) async throws(StoreError) -> Int {
        let now = elapsed()
        return try state.withLock { (state) throws(StoreError) in
            try makeRoom(for: item.count, in: &state, at: now)
            if let previous = state.buffers[key], previous.end <= now {
                state.bytes -= previous.bytes
                state.buffers[key] = nil
            }
            let number = (state.buffers[key]?.items.last?.number ?? 0) + 1
            let removed = state.buffers[key, default: Entry(items: [], end: now, bytes: 0)]
                .add(HandoverItem(number: number, bytes: item), limit: limit, end: now + term)
            state.bytes += item.count - removed
            return number
        }
    }

    package func items(
        of key: HandoverKey, after number: Int, limit: Int
    ) async throws(StoreError) -> [HandoverItem] {
        let now = elapsed()
        return state.withLock { state in
            guard let entry = state.buffers[key], entry.end > now else { return [] }
            return Array(entry.items.drop { $0.number <= number }.prefix(max(0, limit)))
        }
    }
}

// MARK: - Room

extension InProcessHandovers {
    /// Lets go of what has ended when it is time or room is short; changes nothing else when there is none.
    private func makeRoom(for bytes: Int, in state: inout State, at now: Duration) throws(StoreError) {
        if now >= state.nextSweep || state.bytes + bytes > byteLimit { sweep(&state, at: now) }
        guard state.bytes + bytes <= byteLimit else {
            throw .unavailable("hand-overs fill the \(byteLimit) bytes they may take; try again when some have ended")
        }
    }

    private func sweep(_ state: inout State, at now: Duration) {
        state.nextSweep = now + .seconds(60)
        for (key, entry) in state.values where entry.end <= now {
            state.bytes -= entry.bytes
            state.values[key] = nil
        }
        for (key, entry) in state.buffers where entry.end <= now {
            state.bytes -= entry.bytes
            state.buffers[key] = nil
        }
    }
}
