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
    /// Set when the subscription has a query; it is then judged by that, filters included.
    let live: LiveQuery?
    let presence: Bool
    var stage: Stage
    /// The next revision to tell, once the snapshot is out.
    var next: Revision
    /// Whether older changes are being read from the record.
    var isFetching = false

    /// Whether a model that the peer sees, or saw, is changed: also one that lost its alias to the subject.
    func concerns(_ change: Change, presence: WorkerPresence) -> Bool {
        filter.isOpen
            || [change.after, change.before, change.other].contains { entry in
                entry.map { filter.matches($0, presence: presence) } ?? false
            }
    }
}
