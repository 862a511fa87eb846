import RoomCore
import RoomStorage

/// A state that was asked for.
package enum BackupPoint: Sendable, Equatable {
    case newest
    /// In the newest epoch that has it.
    case revision(Revision)
    case moment(Timestamp)
}

/// A room out of its backup.
package struct OpenedRoom: Sendable {
    /// As it was at the point that was asked for.
    package let manifest: Manifest
    /// The snapshot it was built on, and the changes after that.
    let base: Manifest
    let changes: [ReadChange]
    /// What could not be read on the way, in words.
    package let damage: [String]
}

extension BackupReader {
    /// Opens a room; one whose backups are being let go is none any more.
    ///
    /// Servers may write meanwhile: what they merged or thinned out meanwhile is no damage, so the index is
    /// read once more when something is missing.
    package func open(
        _ room: RoomID, at point: BackupPoint = .newest
    ) async throws -> (index: RoomIndex, opened: OpenedRoom) {
        guard let index = try await index(of: room), !index.isCollecting else { throw BackupFault.noSuchRoom(room) }
        return try await open(room, from: index, at: point)
    }

    /// - Parameter known: the index as it was just read.
    func open(
        _ room: RoomID, from known: RoomIndex, at point: BackupPoint = .newest
    ) async throws -> (index: RoomIndex, opened: OpenedRoom) {
        var index = known
        for _ in 0..<4 {
            do {
                let opened = try await open(index, at: point)
                if opened.damage.isEmpty { return (index, opened) }
            } catch BackupFault.unreachable {
                // Looked at again below, if the index moved.
            }
            guard let newer = try await self.index(of: room), newer != index else { break }
            guard !newer.isCollecting else { throw BackupFault.noSuchRoom(room) }
            index = newer
        }
        return (index, try await open(index, at: point))
    }

    /// Builds on the newest good snapshot at or before the point; one that is damaged is passed over for the one before.
    package func open(_ index: RoomIndex, at point: BackupPoint = .newest) async throws -> OpenedRoom {
        var damage: [String] = []
        for entry in index.snapshots.reversed() where index.mayLead(entry, to: point) {
            guard let base = try await manifest(entry, of: index.room) else {
                damage.append("\(BackupLayout.snapshot(of: index.room, entry)) is damaged")
                continue
            }
            let opened = try await follow(base, in: index, to: point, damage)
            if case .revision(let revision) = point, opened.manifest.revision != revision {
                damage = opened.damage
                continue
            }
            return opened
        }
        let cause = damage.isEmpty ? "nothing that is kept leads there" : damage.joined(separator: "; ")
        throw BackupFault.unreachable(index.room, "cannot be opened at \(point.words): \(cause)")
    }

    /// Applies the segments after a snapshot, as far as they reach without a gap.
    private func follow(
        _ base: Manifest, in index: RoomIndex, to point: BackupPoint, _ damage: [String]
    ) async throws -> OpenedRoom {
        var (manifest, applied, damage) = (base, [ReadChange](), damage)
        for segment in index.segments(of: base.epoch) where segment.to > manifest.revision {
            let key = BackupLayout.segment(of: index.room, segment)
            if case .revision(let revision) = point, segment.from > revision { break }
            guard segment.from <= manifest.revision.successor else {
                damage.append("changes \(manifest.revision.successor) to \(segment.from.number - 1) are missing")
                break
            }
            guard let changes = try await changes(segment, of: index.room) else {
                damage.append("\(key) is damaged: what it held and all after it is lost")
                break
            }
            for read in changes where read.change.revision > manifest.revision && point.includes(read.change) {
                manifest.apply(read.change)
                applied.append(read)
            }
        }
        return OpenedRoom(manifest: manifest, base: base, changes: applied, damage: damage)
    }
}

extension BackupPoint {
    func includes(_ change: Change) -> Bool {
        switch self {
        case .newest: true
        case .revision(let revision): change.revision <= revision
        case .moment(let moment): change.at <= moment
        }
    }

    package var words: String {
        switch self {
        case .newest: "its newest state"
        case .revision(let revision): "revision \(revision)"
        case .moment(let moment): moment.description
        }
    }
}

extension RoomIndex {
    /// An epoch begins with its first snapshot: what was before belongs to the epoch before it.
    fileprivate func mayLead(_ snapshot: Snapshot, to point: BackupPoint) -> Bool {
        switch point {
        case .newest: return true
        case .revision(let revision): return snapshot.revision <= revision
        case .moment(let moment):
            guard snapshot.at <= moment else { return false }
            let begun = snapshots.first { $0.epoch == snapshot.epoch }
            return begun?.epoch == snapshots.first?.epoch || (begun?.writtenAt ?? moment) <= moment
        }
    }
}
