import Dispatch
import RoomCore
import RoomStorage
import Synchronization

/// Appends that wait for the connection that writes them, committed together.
///
/// ```
/// append ─┐                    ┌─ one statement, one sync, one commit ─┐
/// append ─┼─ waiting (bounded) ┤                                       ├─ all callers go on
/// append ─┘                    └──────── others gather meanwhile ──────┘
///                                          │ the connection ends before the answer
///                                          └─ resolving: the record itself is asked (``AppendQueue/resolve``)
/// ```
/// A commit costs a round trip and a wait for the disk however much it carries, so while one runs the next gathers.
/// A caller whose task is cancelled does not withdraw its append.
final class AppendQueue: Sendable {
    struct State {
        var waiting: [PendingAppend] = []
        var waitingBytes = 0
        /// Chains that go alone, because they failed together with others.
        var apart: [AppendChain] = []
        var inBatch = 0
        var isBusy = false
        var isClosed = false
        var closing: [@Sendable () -> Void] = []
        var counters = PostgresCounters()
    }

    let connection: ConnectionQueue
    let limits: PostgresLimits
    let onEvent: @Sendable (PostgresEvent) -> Void
    let state = Mutex(State())

    init(
        _ connection: ConnectionQueue, limits: PostgresLimits, onEvent: @escaping @Sendable (PostgresEvent) -> Void
    ) {
        self.connection = connection
        self.limits = limits
        self.onEvent = onEvent
    }

    var counters: PostgresCounters {
        state.withLock { state in
            var counters = state.counters
            counters.waitingWrites = state.waiting.count + state.inBatch
            return counters
        }
    }

    nonisolated(nonsending) func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        let result: Result<AppendOutcome, StoreError> = await withCheckedContinuation { continuation in
            let append = PendingAppend(
                request: request, bytes: request.weight, since: DispatchTime.milliseconds,
                settle: { continuation.resume(returning: $0) })
            if let refusal = offer(append) { continuation.resume(returning: .failure(refusal)) }
        }
        return try result.get()
    }

    /// Takes an append in, or says why not.
    private func offer(_ append: PendingAppend) -> StoreError? {
        guard append.bytes <= limits.writeBytes else {
            return .unavailable("a write of \(append.bytes) bytes is over the limit of \(limits.writeBytes)")
        }
        guard !append.request.holdsNUL else { return .holdsNUL }
        let status = connection.status
        let (refusal, isFirst) = state.withLock { state -> (StoreError?, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            if case .away(let reason) = status { return (.unavailable(reason), false) }
            guard state.waiting.count < limits.waitingWrites, state.waitingBytes < limits.waitingBytes else {
                state.counters.refusedWrites += 1
                return (.unavailable("too many writes wait for the database: try again"), false)
            }
            state.waiting.append(append)
            state.waitingBytes += append.bytes
            defer { state.isBusy = true }
            return (nil, !state.isBusy)
        }
        if isFirst { sendNext() }
        return refusal
    }

    /// Refuses what comes from now on, and finishes what waits.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isBusy { state.closing.append { continuation.resume() } }
                return !state.isBusy
            }
            if isIdle { continuation.resume() }
        }
    }
}

// MARK: - Batches

extension AppendQueue {
    func sendNext() {
        let (batch, closing) = state.withLock { state -> (AppendBatch?, [@Sendable () -> Void]) in
            if let chain = state.apart.popLast() {
                state.inBatch = chain.appends.count
                return (AppendBatch(chains: [chain]), [])
            }
            guard !state.waiting.isEmpty else {
                state.isBusy = false
                defer { state.closing = [] }
                return (nil, state.isClosed ? state.closing : [])
            }
            let batch = AppendBatch.gather(from: &state.waiting, limits)
            let all = batch.all
            state.waitingBytes -= all.reduce(0) { $0 + $1.bytes }
            state.inBatch = all.count
            return (batch, [])
        }
        for close in closing { close() }
        if let batch { send(batch) }
    }

    func send(_ batch: AppendBatch, attempt: Int = 1, skipping: Bool = false) {
        let statement = batch.statement(skipping: skipping)
        let exchange = Exchange(statements: [statement], patience: limits.silenceMilliseconds) { result in
            switch result {
            case .success(let answers):
                self.conclude(batch, answers.last?.map(ChainVerdict.init) ?? [])
            case .failure(.refused(let fault)) where fault.isCollision && attempt < 5:
                self.send(batch, attempt: attempt + 1, skipping: skipping)
            case .failure(.refused(let fault)) where fault.isOfLock && !skipping:
                self.send(batch, attempt: attempt, skipping: true)
            case .failure(.refused(let fault)): self.refused(batch, fault)
            case .failure(.unsent(let reason)): self.fail(batch, .unavailable(reason))
            case .failure(.lost(let reason, let session)): self.resolve(batch, session: session, reason)
            case .failure(.closed): self.fail(batch, .closed)
            }
        }
        connection.submit(exchange)
    }

    /// The batch is committed: every room moved, or was found elsewhere.
    private func conclude(_ batch: AppendBatch, _ verdicts: [ChainVerdict]) {
        var settlement = Settlement()
        for (chain, verdict) in batch.matched(verdicts) {
            guard let verdict else { settlement.refuse(chain.appends + chain.others, .success(.noSuchRoom)); continue }
            guard !verdict.isBusy else {
                settlement.refuse(chain.appends + chain.others, .failure(.busyRoom))
                continue
            }
            guard !verdict.isOutdated else {
                settlement.refuse(chain.appends, .success(.superseded(verdict.head)))
                settlement.judge(chain.others, at: verdict.head)
                continue
            }
            guard verdict.isCommitted else {
                settlement.judge(chain.appends + chain.others, at: verdict.head)
                continue
            }
            settlement.commit(chain.appends)
            settlement.judge(
                chain.others,
                at: RoomHead(epoch: chain.epoch, revision: chain.target, floor: verdict.head.floor))
        }
        finish(settlement, carried: batch.count, gathered: batch.all.count)
    }

    /// The server undid the batch: where the fault lies with one append, the others are tried without it.
    private func refused(_ batch: AppendBatch, _ fault: ServerFault) {
        guard fault.isOfOneRequest, batch.count > 1 else { return fail(batch, StoreError(fault)) }
        onEvent(.divided(fault.message))
        let parts = batch.chains.flatMap { chain -> [AppendChain] in
            var parts = chain.appends.map { AppendChain(appends: [$0]) }
            parts[parts.count - 1].others = chain.others
            return parts
        }
        state.withLock { state in
            state.inBatch = 0
            state.apart += parts.reversed()
        }
        sendNext()
    }

    func fail(_ batch: AppendBatch, _ error: StoreError) {
        var settlement = Settlement()
        settlement.refuse(batch.all, .failure(error))
        state.withLock { $0.counters.failedCommits += 1 }
        finish(settlement, carried: 0, gathered: 0)
    }

    /// Tells the callers, puts those who may still fit in front, and goes on.
    func finish(_ settlement: Settlement, carried: Int, gathered: Int) {
        state.withLock { state in
            state.inBatch = 0
            state.waiting = settlement.again + state.waiting
            state.waitingBytes += settlement.again.reduce(0) { $0 + $1.bytes }
            guard settlement.committed > 0 else { return }
            state.counters.writes += settlement.committed
            state.counters.commits += 1
            state.counters.largestBatch = max(state.counters.largestBatch, carried)
        }
        for (append, result) in settlement.results { append.settle(result) }
        let isBehind = state.withLock { $0.waiting.count < gathered && $0.apart.isEmpty }
        guard isBehind, gathered > 1, limits.gatherMicroseconds > 0 else { return sendNext() }
        connection.queue.asyncAfter(deadline: .now() + .microseconds(limits.gatherMicroseconds)) { self.sendNext() }
    }
}
