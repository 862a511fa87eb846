import RoomCore

/// When what is written.
package struct BackupSettings: Sendable {
    /// How often is looked for rooms that are due.
    package var tick = Duration.seconds(1)
    /// Rooms that are claimed at one look, for how long, and how many of them are written side by side.
    package var claims = 128
    package var claimSeconds: Int64 = 60
    package var writers = 16
    /// A snapshot is written once so many changes, or so many seconds, came after the last.
    package var snapshotChanges = 500
    package var snapshotSeconds: Int64 = 60
    /// Changes in one segment at most.
    package var segmentChanges = 2_000
    /// The longest wait before a store that was away is asked again.
    package var longestBackoff = Duration.seconds(5)
    package var thinning = Thinning()
    /// How often is looked for deleted rooms of which nothing need be kept any longer.
    package var collectSeconds: Int64 = 3_600
    /// Where else in the store objects of a room lie, as prefixes of their keys; they go with the backups of a room that
    /// the record has forgotten.
    package var folders: @Sendable (RoomID) -> [String] = { _ in [] }

    package init() {}
}
