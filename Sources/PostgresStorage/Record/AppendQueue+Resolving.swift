import Dispatch
import RoomCore
import RoomStorage

/// Where the connection ended between a batch and its answer, the record itself is asked what became of it.
extension AppendQueue {
    func resolve(_ batch: AppendBatch, session: Int64, _ reason: String) {
        let deadline = DispatchTime.milliseconds + UInt64(limits.resolveMilliseconds)
        ask(Lost(batch: batch, session: session, reason: reason, deadline: deadline))
    }

    private struct Lost: Sendable {
        let batch: AppendBatch
        let session: Int64
        let reason: String
        let deadline: UInt64
    }

    private func ask(_ lost: Lost) {
        refuseLate()
        guard DispatchTime.milliseconds < lost.deadline else { return giveUp(lost) }
        let exchange = Exchange(
            statements: lost.batch.questions(session: lost.session), patience: limits.silenceMilliseconds
        ) { result in
            if case .success(let answers) = result {
                self.answered(lost, answers.last?.map(ChainVerdict.init) ?? [])
            } else {
                self.connection.queue.asyncAfter(deadline: .now() + .milliseconds(100)) { self.ask(lost) }
            }
        }
        connection.submit(exchange)
    }

    private func answered(_ lost: Lost, _ verdicts: [ChainVerdict]) {
        var settlement = Settlement()
        var unknown = 0
        for (chain, verdict) in lost.batch.matched(verdicts) {
            // Whatever it wrote went with the room.
            guard let verdict else { settlement.refuse(chain.appends + chain.others, .success(.noSuchRoom)); continue }
            if verdict.isCommitted {
                settlement.commit(chain.appends)
                settlement.judge(chain.others, at: verdict.head)
            } else if chain.hasChanges, verdict.head.epoch == chain.epoch, verdict.head.floor >= chain.target {
                // Its change would be compacted by now.
                unknown += chain.appends.count
                settlement.refuse(chain.appends, .failure(.outcomeUnknown(lost.reason)))
                settlement.judge(chain.others, at: verdict.head)
            } else {
                settlement.judge(chain.appends + chain.others, at: verdict.head)
            }
        }
        onEvent(.resolved(committed: settlement.committed, undone: lost.batch.count - settlement.committed - unknown))
        state.withLock { $0.counters.unknownOutcomes += unknown }
        finish(settlement, carried: lost.batch.count, gathered: 0)
    }

    private func giveUp(_ lost: Lost) {
        var settlement = Settlement()
        let text = "\(lost.reason), and the database could not be asked what became of the write: read before writing"
        for chain in lost.batch.chains {
            settlement.refuse(chain.appends, .failure(.outcomeUnknown(text)))
            settlement.refuse(chain.others, .failure(.unavailable(lost.reason)))
        }
        state.withLock { state in
            state.counters.failedCommits += 1
            state.counters.unknownOutcomes += lost.batch.count
        }
        onEvent(.unresolved(appends: lost.batch.count))
        finish(settlement, carried: 0, gathered: 0)
    }

    /// Those that wait behind a batch that is asked about were never sent, and are not held up for long.
    private func refuseLate() {
        let now = DispatchTime.milliseconds
        let patience = UInt64(limits.reconnectMilliseconds)
        let late = state.withLock { state -> [PendingAppend] in
            let late = state.waiting.filter { now >= $0.since + patience }
            state.waiting.removeAll { now >= $0.since + patience }
            state.waitingBytes -= late.reduce(0) { $0 + $1.bytes }
            return late
        }
        for append in late {
            append.settle(.failure(.unavailable("the connection to the database ended: try again")))
        }
    }
}

extension StoreError {
    static var busyRoom: StoreError {
        .unavailable("the room is being deleted, restored or compacted: try again")
    }

    static var holdsNUL: StoreError {
        .unavailable("a text holds the character U+0000, which PostgreSQL does not keep: leave it out")
    }
}
