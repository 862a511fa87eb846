import RoomCore
import RoomStorage

/// What becomes of the appends of a batch, before they are told.
struct Settlement {
    var results: [(append: PendingAppend, result: Result<AppendOutcome, StoreError>)] = []
    /// They wait again, in front.
    var again: [PendingAppend] = []
    var committed = 0

    mutating func commit(_ appends: [PendingAppend]) {
        committed += appends.count
        refuse(appends, .success(.committed))
    }

    mutating func refuse(_ appends: [PendingAppend], _ result: Result<AppendOutcome, StoreError>) {
        results += appends.map { ($0, result) }
    }

    /// Judges appends that were not written by where the room stood while they waited.
    ///
    /// From the first that may be written, all wait again: it decides about those behind it.
    mutating func judge(_ appends: [PendingAppend], at head: RoomHead) {
        let late = appends.prefix { !$0.fits(head) }
        refuse(Array(late), .success(.superseded(head)))
        again += appends.dropFirst(late.count)
    }
}

extension AppendBatch {
    /// Each chain with what was said about its room; nil where the room is not there.
    func matched(_ verdicts: [ChainVerdict]) -> [(chain: AppendChain, verdict: ChainVerdict?)] {
        let byRoom = Dictionary(verdicts.map { ($0.room, $0) }) { first, _ in first }
        return chains.map { ($0, byRoom[$0.room]) }
    }
}
