import RoomStorage
import Synchronization

/// Writes that wait for the one connection that writes, committed together.
///
/// ```
/// write ─┐                    ┌─ BEGIN IMMEDIATE ─ write, write, write ─ COMMIT ─┐
/// write ─┼─ waiting (bounded) ┤                                                  ├─ all callers go on
/// write ─┘                    └──────── others gather meanwhile ─────────────────┘
/// ```
/// A commit costs a wait for the disk however much it carries, so while one runs the next gathers. Callers go on only
/// after COMMIT returned. A caller whose task is cancelled does not withdraw its write.
final class WriteQueue: Sendable {
    private struct State {
        var waiting: [QueuedWrite] = []
        var waitingBytes = 0
        /// Writes that left `waiting` for the batch at work.
        var inBatch = 0
        var isDraining = false
        var isClosed = false
        var counters = RecordCounters()
    }

    private let connection: ConnectionQueue
    private let limits: RecordLimits
    private let state = Mutex(State())

    init(_ connection: ConnectionQueue, limits: RecordLimits) {
        self.connection = connection
        self.limits = limits
    }

    var counters: RecordCounters {
        state.withLock { state in
            var counters = state.counters
            counters.waitingWrites = state.waiting.count + state.inBatch
            return counters
        }
    }

    /// Runs `body` in a transaction with other writes and returns its answer once that is committed.
    ///
    /// - Parameter bytes: about how much it writes.
    /// - Parameter body: may run twice, when another write of its batch failed; what it throws undoes it alone.
    func write<Answer: Sendable>(
        bytes: Int, _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            let refusal = offer(
                QueuedWrite(
                    bytes: bytes,
                    perform: { connection in
                        let result = Result { () throws(StoreError) in try body(connection) }
                        return PerformedWrite(failure: result.failure) { continuation.resume(returning: result) }
                    },
                    fail: { error in continuation.resume(returning: .failure(error)) }))
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// Takes a write in, or says why not.
    private func offer(_ write: QueuedWrite) -> StoreError? {
        guard write.bytes <= limits.writeBytes else {
            return .unavailable("a write of \(write.bytes) bytes is over the limit of \(limits.writeBytes)")
        }
        let (refusal, isFirst) = state.withLock { state -> (StoreError?, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            guard state.waiting.count < limits.waitingWrites, state.waitingBytes < limits.waitingBytes else {
                state.counters.refusedWrites += 1
                return (.unavailable("too many writes wait for the disk: try again"), false)
            }
            state.waiting.append(write)
            state.waitingBytes += write.bytes
            defer { state.isDraining = true }
            return (nil, !state.isDraining)
        }
        if isFirst { connection.submit(drain) }
        return refusal
    }

    /// Refuses what comes from now on, finishes what waits, and closes the connection.
    func close() async {
        state.withLock { $0.isClosed = true }
        await connection.close()
    }
}

// MARK: - On the connection's queue

extension WriteQueue {
    private func drain(_ connection: SQLiteConnection?) {
        while let batch = nextBatch() {
            if let connection {
                commit(batch, on: connection)
            } else {
                count { _ in }
                for write in batch { write.fail(.closed) }
            }
        }
    }

    private func nextBatch() -> [QueuedWrite]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            var count = 0
            var bytes = 0
            while count < min(state.waiting.count, limits.batchWrites), bytes < limits.batchBytes {
                bytes += state.waiting[count].bytes
                count += 1
            }
            let batch = Array(state.waiting[..<count])
            state.waiting.removeFirst(count)
            state.waitingBytes -= bytes
            state.inBatch = count
            return batch
        }
    }

    private func commit(_ batch: [QueuedWrite], on connection: SQLiteConnection) {
        do throws(StoreError) {
            let performed = try perform(batch, on: connection)
            count { counters in
                counters.writes += batch.count
                counters.commits += 1
                counters.largestBatch = max(counters.largestBatch, batch.count)
            }
            for write in performed { write.settle() }
        } catch {
            count { $0.failedCommits += 1 }
            for write in batch { write.fail(error) }
        }
    }

    /// Done before callers go on, so that they see themselves counted.
    private func count(_ change: (inout RecordCounters) -> Void) {
        state.withLock { state in
            state.inBatch = 0
            change(&state.counters)
        }
    }

    /// A savepoint for each write costs time and is needed only when one fails, so the first attempt goes without.
    private func perform(
        _ batch: [QueuedWrite], on connection: SQLiteConnection
    ) throws(StoreError) -> [PerformedWrite] {
        do throws(WriteFault) {
            return try attempt(batch, on: connection)
        } catch {
            switch error {
            case .ofAll(let error): throw error
            case .ofOne: return try attemptGuarded(batch, on: connection)
            }
        }
    }

    private func attempt(
        _ batch: [QueuedWrite], on connection: SQLiteConnection
    ) throws(WriteFault) -> [PerformedWrite] {
        var broken = false
        do throws(StoreError) {
            return try connection.transaction { () throws(StoreError) in
                var performed: [PerformedWrite] = []
                performed.reserveCapacity(batch.count)
                for write in batch {
                    let result = write.perform(connection)
                    if let failure = result.failure {
                        broken = !failure.concernsAll && connection.isInTransaction
                        throw failure
                    }
                    performed.append(result)
                }
                return performed
            }
        } catch {
            throw broken ? .ofOne : .ofAll(error)
        }
    }

    private func attemptGuarded(
        _ batch: [QueuedWrite], on connection: SQLiteConnection
    ) throws(StoreError) -> [PerformedWrite] {
        try connection.transaction { () throws(StoreError) in
            var performed: [PerformedWrite] = []
            for write in batch {
                var result: PerformedWrite?
                do throws(StoreError) {
                    result = try connection.guarded { () throws(StoreError) in
                        let result = write.perform(connection)
                        if let failure = result.failure { throw failure }
                        return result
                    }
                } catch {
                    guard !error.concernsAll, connection.isInTransaction else { throw error }
                    result = PerformedWrite(failure: error) { write.fail(error) }
                }
                if let result { performed.append(result) }
            }
            return performed
        }
    }
}

private enum WriteFault: Error {
    /// The disk or the connection: no write of the batch can be committed.
    case ofAll(StoreError)
    /// One write: the others can be.
    case ofOne
}

/// A write that waits.
private struct QueuedWrite: Sendable {
    let bytes: Int
    let perform: @Sendable (SQLiteConnection) -> PerformedWrite
    let fail: @Sendable (StoreError) -> Void
}

/// A write that is done but not yet committed.
private struct PerformedWrite {
    let failure: StoreError?
    let settle: () -> Void
}

extension Result where Failure == StoreError {
    fileprivate var failure: StoreError? {
        if case .failure(let error) = self { error } else { nil }
    }
}

extension StoreError {
    /// A lack of space or access is everybody's; anything else came from what one write asked.
    fileprivate var concernsAll: Bool {
        switch self {
        case .outcomeUnknown, .closed: true
        case .unavailable, .refused, .corrupt, .newerSchema, .migrationMismatch: isAway
        }
    }
}
