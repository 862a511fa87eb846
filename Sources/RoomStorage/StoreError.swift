/// Why a store did not do what was asked. In every case but ``outcomeUnknown(_:)`` nothing was changed.
package enum StoreError: Error, Equatable, Sendable {
    /// The store cannot be reached or written just now (disk full, locked, server away); the same call may work later.
    case unavailable(String)
    /// The store turned this program away: wrong credentials, a right that lacks, no such bucket. It passes only when an
    /// operator changes something; the text says what.
    case refused(String)
    /// A write was sent and its outcome could not be learned: it may or may not be applied. Read the record before
    /// deciding anything else.
    case outcomeUnknown(String)
    /// What is stored cannot be read; the text names it and says what to do.
    case corrupt(String)
    /// The store was written by a newer version of the program.
    case newerSchema(found: Int, known: Int)
    /// A migration that was applied differs from the one this program carries.
    case migrationMismatch(number: Int)
    /// The store was closed; only a shutdown does that.
    case closed
}

extension StoreError {
    /// Whether the store cannot be used by anybody here just now, whosever fault that is; nothing was changed.
    package var isAway: Bool {
        switch self {
        case .unavailable, .refused: true
        case .outcomeUnknown, .corrupt, .newerSchema, .migrationMismatch, .closed: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let reason): "store unavailable: \(reason)"
        case .refused(let reason): reason
        case .outcomeUnknown(let reason): "it is not known whether the write was applied: \(reason)"
        case .corrupt(let what): "store corrupt: \(what)"
        case .newerSchema(let found, let known):
            "the data has schema \(found), this program knows up to \(known): start the newer program, "
                + "or restore a backup made by this one"
        case .migrationMismatch(let number):
            "migration \(number) differs from the one that was applied: use the program that applied it, "
                + "or restore a backup"
        case .closed: "store closed"
        }
    }
}
