import Synchronization

/// A value that will be there once.
final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiting: [CheckedContinuation<Value, Never>] = []
    }

    private let state = Mutex(State())

    func keep(_ value: Value) {
        let waiting = state.withLock { state in
            guard state.value == nil else { return [CheckedContinuation<Value, Never>]() }
            state.value = value
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    var isKept: Bool { state.withLock { $0.value != nil } }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value: Value? = state.withLock { state in
                    if state.value == nil { state.waiting.append(continuation) }
                    return state.value
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}

/// A list any thread may add to, and someone may wait for.
final class Journal<Entry: Sendable>: Sendable {
    private struct State {
        var entries: [Entry] = []
        var waiting: [(count: Int, CheckedContinuation<[Entry], Never>)] = []
    }

    private let state = Mutex(State())

    var entries: [Entry] { state.withLock(\.entries) }

    func add(_ entry: Entry) {
        let (entries, ready) = state.withLock { state in
            state.entries.append(entry)
            let count = state.entries.count
            let ready = state.waiting.filter { $0.count <= count }
            state.waiting.removeAll { $0.count <= count }
            return (state.entries, ready)
        }
        for (_, continuation) in ready { continuation.resume(returning: entries) }
    }

    /// All entries, as soon as there are so many.
    func entries(atLeast count: Int) async -> [Entry] {
        await withCheckedContinuation { continuation in
            let entries: [Entry]? = state.withLock { state in
                if state.entries.count >= count { return state.entries }
                state.waiting.append((count, continuation))
                return nil
            }
            if let entries { continuation.resume(returning: entries) }
        }
    }
}
