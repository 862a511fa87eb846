import EmbeddedStorage
import RoomStorage
import Synchronization

/// Handovers that say when they are read, before they answer.
final class LateHandovers: HandoverStore {
    enum Moment: CaseIterable {
        case load, items
    }

    private struct State {
        var isHeld = false
        var calls: [Moment: @Sendable () -> Void] = [:]
    }

    private let store = InProcessHandovers(elapsed: { .zero })
    private let state = Mutex(State())

    /// Nothing is answered until ``release()``; the first read of this kind calls back then.
    func call(at moment: Moment, _ call: @escaping @Sendable () -> Void) {
        state.withLock { $0 = State(isHeld: true, calls: [moment: call]) }
    }

    func release() { state.withLock { $0.isHeld = false } }

    private func pass(_ moment: Moment) async throws(StoreError) {
        do {
            try await eventually("release") { state.withLock { !$0.isHeld } }
        } catch {
            throw .unavailable("never released")
        }
        state.withLock { $0.calls.removeValue(forKey: moment) }?()
    }

    func put(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError) {
        try await store.put(bytes, at: key, for: term)
    }

    func putIfAbsent(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError) -> Bool {
        try await store.putIfAbsent(bytes, at: key, for: term)
    }

    func load(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        try await pass(.load)
        return try await store.load(key)
    }

    func take(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? { try await store.take(key) }

    func append(
        _ item: [UInt8], to key: HandoverKey, limit: Int, for term: Duration
    ) async throws(StoreError) -> Int {
        try await store.append(item, to: key, limit: limit, for: term)
    }

    func items(of key: HandoverKey, after number: Int, limit: Int) async throws(StoreError) -> [HandoverItem] {
        try await pass(.items)
        return try await store.items(of: key, after: number, limit: limit)
    }
}
