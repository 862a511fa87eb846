import RoomStorage
import Synchronization

/// Hand-overs within one process; they end with it.
package final class InProcessHandovers: HandoverStore {
    private struct Value {
        let bytes: [UInt8]
        let end: Duration
    }

    private struct Buffer {
        var items: [HandoverItem] = []
        var end: Duration
    }

    private struct State {
        var values: [HandoverKey: Value] = [:]
        var buffers: [HandoverKey: Buffer] = [:]
        /// What all of them hold.
        var bytes = 0
        var nextSweep = Duration.zero
    }

    private static let sweepInterval = Duration.seconds(1)
    /// What an entry takes beside its bytes, about.
    private static let entryBytes = 128

    private let current = Mutex(State())
    private let elapsed: @Sendable () -> Duration
    private let limit: Int

    /// - Parameter elapsed: time since any fixed moment; it never falls.
    /// - Parameter limit: bytes of everything kept.
    package init(elapsed: @escaping @Sendable () -> Duration, limit: Int = 256 << 20) {
        self.elapsed = elapsed
        self.limit = limit
    }
}

// MARK: - Values

extension InProcessHandovers {
    package func put(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError) {
        _ = try put(bytes, at: key, for: term, evenIfPresent: true)
    }

    package func putIfAbsent(
        _ bytes: [UInt8], at key: HandoverKey, for term: Duration
    ) async throws(StoreError) -> Bool {
        try put(bytes, at: key, for: term, evenIfPresent: false)
    }

    private func put(
        _ bytes: [UInt8], at key: HandoverKey, for term: Duration, evenIfPresent: Bool
    ) throws(StoreError) -> Bool {
        let now = elapsed()
        return try current.withLock { state throws(StoreError) in
            sweep(&state, at: now)
            if let standing = state.values[key] {
                if !evenIfPresent, now < standing.end { return false }
                state.bytes -= Self.size(standing.bytes)
                state.values[key] = nil
            }
            try reserve(bytes, in: &state)
            state.values[key] = Value(bytes: bytes, end: now + term)
            return true
        }
    }

    package func load(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        let now = elapsed()
        return current.withLock { state in
            state.values[key].flatMap { now < $0.end ? $0.bytes : nil }
        }
    }

    package func take(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        let now = elapsed()
        return current.withLock { state in
            guard let value = state.values.removeValue(forKey: key) else { return nil }
            state.bytes -= Self.size(value.bytes)
            return now < value.end ? value.bytes : nil
        }
    }
}

// MARK: - Buffers

extension InProcessHandovers {
    package func append(
        _ item: [UInt8], to key: HandoverKey, limit: Int, for term: Duration
    ) async throws(StoreError) -> Int {
        let now = elapsed()
        return try current.withLock { state throws(StoreError) in
            sweep(&state, at: now)
            try reserve(item, in: &state)
            var buffer = state.buffers[key] ?? Buffer(end: .zero)
            if now >= buffer.end { drop(&buffer, from: &state, keeping: 0) }
            let number = (buffer.items.last?.number ?? 0) + 1
            buffer.items.append(HandoverItem(number: number, bytes: item))
            drop(&buffer, from: &state, keeping: max(1, limit))
            buffer.end = now + term
            state.buffers[key] = buffer
            return number
        }
    }

    package func items(
        of key: HandoverKey, after number: Int, limit: Int
    ) async throws(StoreError) -> [HandoverItem] {
        let now = elapsed()
        return current.withLock { state in
            guard let buffer = state.buffers[key], now < buffer.end else { return [] }
            return Array(buffer.items.drop { $0.number <= number }.prefix(max(0, limit)))
        }
    }

    private func drop(_ buffer: inout Buffer, from state: inout State, keeping count: Int) {
        let excess = max(0, buffer.items.count - count)
        for item in buffer.items.prefix(excess) { state.bytes -= Self.size(item.bytes) }
        buffer.items.removeFirst(excess)
    }
}

// MARK: - Room

extension InProcessHandovers {
    private static func size(_ bytes: [UInt8]) -> Int { bytes.count + entryBytes }

    private func reserve(_ bytes: [UInt8], in state: inout State) throws(StoreError) {
        guard state.bytes + Self.size(bytes) <= limit else {
            throw .unavailable("hand-overs take \(state.bytes) of \(limit) bytes: they end by themselves, try later")
        }
        state.bytes += Self.size(bytes)
    }

    private func sweep(_ state: inout State, at now: Duration) {
        guard now >= state.nextSweep else { return }
        state.nextSweep = now + Self.sweepInterval
        for (key, value) in state.values where now >= value.end {
            state.bytes -= Self.size(value.bytes)
            state.values[key] = nil
        }
        for (key, var buffer) in state.buffers where now >= buffer.end {
            drop(&buffer, from: &state, keeping: 0)
            state.buffers[key] = nil
        }
    }
}
