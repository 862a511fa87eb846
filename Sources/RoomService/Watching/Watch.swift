import RoomCore
import WireMessages

/// How far a subscriber is: a cursor over the room's history, that waits where the peer's outbox is full.
///
///     snapshot pages ──last page──▶ behind ──caught up──▶ live
///                                     ▲                     │
///                                     └──── outbox busy ────┘
struct Watch {
    enum Stage {
        /// Entries of the snapshot that are not sent yet.
        case snapshot(ArraySlice<ModelEntry>)
        case changes
    }

    let filter: ModelFilter
    let presence: Bool
    var stage: Stage
    /// The next revision to tell, once the snapshot is out.
    var next: Revision
    /// Whether older changes are being read from the record.
    var isFetching = false

    func concerns(_ change: Change, presence: WorkerPresence) -> Bool {
        filter.isOpen || filter.matches(change.after.model, presence: presence)
            || change.before.map { filter.matches($0.model, presence: presence) } ?? false
    }
}
