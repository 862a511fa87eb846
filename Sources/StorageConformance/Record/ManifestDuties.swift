import RoomCore
import RoomStorage

/// The duties of a ``ManifestStore``.
package enum ManifestDuties {
    package static let all: [Duty<RecordUnderTest>] =
        appends + concurrency + histories + receipts + snapshots + compaction + restarts + sightings
}
