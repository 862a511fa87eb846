import RoomCore
import RoomStorage

/// A room's live manifest with its latest changes.
struct HeldManifest {
    private static let keptChanges = 256
    private static let keptBytes = 64 * 1024

    private(set) var epoch: Epoch
    private(set) var revision: Revision
    private var fields: [String: [UInt8]] = [:]
    /// Those that led to `revision`, without a gap; the last one made it.
    private var changes: [[UInt8]] = []

    init(_ manifest: LiveManifest) {
        epoch = manifest.epoch
        revision = manifest.revision
        for field in manifest.fields { fields[field.name] = field.value }
    }

    /// Moves on by a commit; false when this is not its predecessor.
    mutating func apply(_ commit: LiveCommit) -> Bool {
        let notice = commit.notice
        guard notice.epoch == epoch, notice.base == revision, notice.revision > revision else { return false }
        revision = notice.revision
        for field in commit.fields { fields[field.name] = field.value }
        keep(notice)
        return true
    }

    private mutating func keep(_ notice: RoomNotice) {
        let isWhole = notice.changes.count == notice.revision.number - notice.base.number
        guard isWhole, notice.changes.reduce(0, { $0 + $1.count }) <= Self.keptBytes else {
            changes = []
            return
        }
        changes = (changes + notice.changes).suffix(Self.keptChanges)
    }

    func changes(after revision: Revision, in epoch: Epoch) -> [[UInt8]]? {
        let missing = self.revision.number - revision.number
        guard epoch == self.epoch, (0...changes.count).contains(missing) else { return nil }
        return Array(changes.suffix(missing))
    }

    func whole(of room: RoomID) -> LiveManifest {
        let fields = fields.map { LiveField(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
        return LiveManifest(room: room, epoch: epoch, revision: revision, fields: fields)
    }
}
