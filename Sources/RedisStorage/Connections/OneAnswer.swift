import Synchronization

/// Passes the first of several answers on and forgets the rest.
final class OneAnswer<Value: Sendable>: Sendable {
    private let waiting = Mutex<CheckedContinuation<Result<Value, RedisFault>, Never>?>(nil)

    func await(_ continuation: CheckedContinuation<Result<Value, RedisFault>, Never>) {
        waiting.withLock { $0 = continuation }
    }

    func give(_ answer: Result<Value, RedisFault>) {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: answer)
    }
}
