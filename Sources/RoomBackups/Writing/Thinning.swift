import RoomCore
import RoomStorage

/// Which snapshots and segments are kept for how long.
///
/// Everything of the first days; then one snapshot an hour; then one a day; always the newest. Where segments are gone
/// a room can be opened at the snapshots that are left.
package struct Thinning: Sendable {
    package var everythingSeconds: Int64 = 86_400
    package var hourlySeconds: Int64 = 7 * 86_400
    package var dailySeconds: Int64 = 365 * 86_400

    package init() {}

    /// Takes out of an index what need not be kept any longer, and gives the keys of it.
    package func thin(_ index: inout RoomIndex, at now: Timestamp) -> [BlobKey] {
        let room = index.room
        let (snapshots, segments) = (index.snapshots, index.segments)
        let kept = keptSnapshots(of: index, at: now)
        index.snapshots = kept
        let horizon = now.advanced(bySeconds: -everythingSeconds)
        index.segments = segments.filter { isNeeded($0, kept, horizon) }
        let dossiers = index.dossiers
        index.dossiers = dossiers.suffix(2)
        return snapshots.filter { !kept.contains($0) }.map { BackupLayout.snapshot(of: room, $0) }
            + segments.filter { !index.segments.contains($0) }.map { BackupLayout.segment(of: room, $0) }
            + dossiers.dropLast(2).map { BackupLayout.dossier(of: room, $0) }
    }

    /// Of the snapshots of one hour or day the last stays.
    private func keptSnapshots(of index: RoomIndex, at now: Timestamp) -> [RoomIndex.Snapshot] {
        var slots: Set<Slot> = []
        var kept: [RoomIndex.Snapshot] = []
        for snapshot in index.snapshots.reversed() {
            let age = now.seconds - snapshot.writtenAt.seconds
            let slot: Slot? =
                if kept.isEmpty || age < everythingSeconds {
                    Slot.all(kept.count)
                } else if age < hourlySeconds {
                    Slot.hour(snapshot.writtenAt.seconds / 3_600)
                } else if age < dailySeconds {
                    Slot.day(snapshot.writtenAt.seconds / 86_400)
                } else {
                    nil
                }
            if let slot, slots.insert(slot).inserted { kept.append(snapshot) }
        }
        return kept.reversed()
    }

    /// A segment leads on from a snapshot of its epoch that is of the first days, or is the last one before them.
    private func isNeeded(
        _ segment: RoomIndex.Segment, _ kept: [RoomIndex.Snapshot], _ horizon: Timestamp
    ) -> Bool {
        let own = kept.filter { $0.epoch == segment.epoch }
        guard let first = own.last(where: { $0.writtenAt < horizon }) ?? own.first else { return false }
        return segment.to > first.revision
    }

    private enum Slot: Hashable {
        case all(Int)
        case hour(Int64)
        case day(Int64)
    }
}
