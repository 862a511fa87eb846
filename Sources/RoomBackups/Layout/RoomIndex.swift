import RoomCore
import RoomStorage

/// What is kept of one room: small, read first, and replaced only by who has seen its last version.
package struct RoomIndex: Sendable, Equatable {
    /// The bytes of an object as they are stored.
    package struct Stored: Sendable, Equatable {
        package var size: Int
        package var sha256: Digest
    }

    package struct Dossier: Sendable, Equatable {
        package var version: Int
        package var stored: Stored
    }

    package struct Snapshot: Sendable, Equatable {
        package var epoch: Epoch
        package var revision: Revision
        /// The moment of the change it ends with.
        package var at: Timestamp
        package var writtenAt: Timestamp
        package var stored: Stored
    }

    package struct Segment: Sendable, Equatable {
        package var epoch: Epoch
        package var from: Revision
        package var to: Revision
        /// The moment of its last change.
        package var at: Timestamp
        package var stored: Stored
    }

    package let room: RoomID
    package var updatedAt: Timestamp
    /// When the room was deleted, if it was: it is not restored unless it is asked for by name.
    package var deletedAt: Timestamp?
    /// Since when somebody lets go of all that is kept, if so: nothing of it is to be read any more.
    package var collectingSince: Timestamp?
    /// The newest last; the one before it stays for readers of the last index.
    package var dossiers: [Dossier] = []
    /// In the order they were written; those of one epoch stand together.
    package var snapshots: [Snapshot] = []
    package var segments: [Segment] = []

    package init(room: RoomID, updatedAt: Timestamp) {
        self.room = room
        self.updatedAt = updatedAt
    }

    package var isCollecting: Bool { collectingSince != nil }

    /// The epoch written last.
    package var epoch: Epoch? { snapshots.last?.epoch }

    package func lastSnapshot(of epoch: Epoch) -> Snapshot? { snapshots.last { $0.epoch == epoch } }

    /// The newest revision of an epoch that snapshots and segments lead to without a gap.
    package func end(of epoch: Epoch) -> Revision? {
        guard var end = snapshots.filter({ $0.epoch == epoch }).map(\.revision).max() else { return nil }
        for segment in segments(of: epoch) where segment.from <= end.successor && segment.to > end { end = segment.to }
        return end
    }

    package func segments(of epoch: Epoch) -> [Segment] {
        segments.filter { $0.epoch == epoch }.sorted { $0.from < $1.from }
    }
}
