import RoomCore
import RoomStorage

/// An append that waits for its outcome.
struct PendingAppend: Sendable {
    let request: AppendRequest
    let bytes: Int
    /// Milliseconds since the machine started.
    let since: UInt64
    let settle: @Sendable (Result<AppendOutcome, StoreError>) -> Void

    func fits(_ head: RoomHead) -> Bool { head.epoch == request.epoch && head.revision == request.base }
}

/// Appends of one room that follow each other, and therefore stand or fall together.
struct AppendChain: Sendable {
    var appends: [PendingAppend]
    /// Those of the same room that do not follow: what becomes of the chain decides about them.
    var others: [PendingAppend] = []

    var room: RoomID { appends[0].request.room }
    var epoch: Epoch { appends[0].request.epoch }
    var base: Revision { appends[0].request.base }
    var target: Revision { appends[appends.count - 1].request.end }
    var access: Int? { appends[0].request.access }
    var hasChanges: Bool { target != base }

    func isFollowed(by append: PendingAppend) -> Bool {
        append.request.epoch == epoch && append.request.base == target && append.request.access == access
    }
}

/// Chains of different rooms that are written by one statement.
struct AppendBatch: Sendable {
    /// Kept with everything the batch writes.
    let id = Int64.random(in: 1...Int64.max)
    var chains: [AppendChain]

    var count: Int { chains.reduce(0) { $0 + $1.appends.count } }
    /// With those the chains decide about.
    var all: [PendingAppend] { chains.flatMap { $0.appends + $0.others } }
}

extension AppendRequest {
    var end: Revision { changes.last?.revision ?? base }

    /// About how many bytes it writes.
    var weight: Int {
        changes.reduce(256) { $0 + $1.body.count + $1.kind.utf8.count + 256 }
            + receipts.reduce(0) { $0 + $1.answer.count + $1.key.key.utf8.count + 256 }
    }

    /// PostgreSQL keeps no NUL in a text.
    var holdsNUL: Bool {
        changes.contains { $0.kind.utf8.contains(0) || $0.alias?.text.utf8.contains(0) == true }
            || receipts.contains { $0.key.credential.utf8.contains(0) || $0.key.key.utf8.contains(0) }
    }
}

// MARK: - Gathering

extension AppendBatch {
    /// Takes what fits into one batch from the front of those that wait.
    static func gather(from waiting: inout [PendingAppend], _ limits: PostgresLimits) -> AppendBatch {
        var batch = AppendBatch(chains: [])
        var places: [RoomID: Int] = [:]
        var bytes = 0
        var taken = 0
        while taken < waiting.count, taken < max(1, limits.batchWrites), taken == 0 || bytes < limits.batchBytes {
            let append = waiting[taken]
            taken += 1
            bytes += append.bytes
            batch.take(append, &places)
        }
        waiting.removeFirst(taken)
        return batch
    }

    private mutating func take(_ append: PendingAppend, _ places: inout [RoomID: Int]) {
        guard let place = places[append.request.room] else {
            places[append.request.room] = chains.count
            chains.append(AppendChain(appends: [append]))
            return
        }
        if chains[place].isFollowed(by: append) {
            chains[place].appends.append(append)
        } else {
            chains[place].others.append(append)
        }
    }
}
