import RoomCore
import RoomStorage

/// A manifest as the servers of one process share it, with the newest changes that led to it.
struct SharedManifest {
    let epoch: Epoch
    var revision: Revision
    var fields: [String: [UInt8]]
    /// Of the revisions up to `revision`, contiguous.
    var changes: [[UInt8]] = []

    static let keptChanges = 256
}

extension InProcessLiveRooms {
    /// A server that is alone keeps no second copy of what it has in memory.
    package func announce(_ commit: LiveCommit) {
        let notice = commit.notice
        current.withLock { state in
            guard state.listeners.count > 1 else { return state.manifests[notice.room] = nil }
            state.tell(.committed(notice), about: notice.room, from: notice.server)
            let room = notice.room
            guard state.manifests[room]?.epoch == notice.epoch, state.manifests[room]?.revision == notice.base else {
                state.listeners[notice.server]?.delivery.offer(.outOfStep(room))
                return
            }
            state.manifests[room]?.move(by: commit)
        }
    }

    package func store(_ manifest: LiveManifest) {
        current.withLock { state in
            if let standing = state.manifests[manifest.room], standing.epoch == manifest.epoch,
                standing.revision >= manifest.revision
            {
                return
            }
            guard state.listeners.count > 1 else { return }
            state.manifests[manifest.room] = SharedManifest(
                epoch: manifest.epoch, revision: manifest.revision,
                fields: Dictionary(manifest.fields.map { ($0.name, $0.value) }) { $1 })
        }
    }

    package func manifest(of room: RoomID) async -> LiveManifest? {
        current.withLock { state in
            state.manifests[room].map { shared in
                LiveManifest(
                    room: room, epoch: shared.epoch, revision: shared.revision,
                    fields: shared.fields.map { LiveField(name: $0.key, value: $0.value) })
            }
        }
    }

    package func changes(of room: RoomID, after revision: Revision, in epoch: Epoch) async -> [[UInt8]]? {
        current.withLock { state in
            guard let shared = state.manifests[room], shared.epoch == epoch else { return nil }
            let missing = shared.revision.number - revision.number
            guard missing >= 0, missing <= shared.changes.count else { return nil }
            return Array(shared.changes.suffix(missing))
        }
    }

    package func forget(_ room: RoomID) {
        current.withLock { $0.manifests[room] = nil }
    }
}

extension SharedManifest {
    mutating func move(by commit: LiveCommit) {
        let notice = commit.notice
        revision = notice.revision
        for field in commit.fields { fields[field.name] = field.value }
        // A notice that carries no changes leaves a gap, behind which nothing is contiguous.
        let carriesAll = notice.changes.count == notice.revision.number - notice.base.number
        changes = carriesAll ? Array((changes + notice.changes).suffix(Self.keptChanges)) : []
    }
}
