import RoomCore
import RoomStorage
import Synchronization

/// When workers were last seen, gathered until the next write of all of them together.
package final class SightingLog: Sendable {
    private struct Key: Hashable {
        let room: RoomID
        let worker: WorkerName
    }

    private let seen = Mutex<[Key: Timestamp]>([:])

    package init() {}

    func note(_ worker: WorkerName, in room: RoomID, at moment: Timestamp) {
        seen.withLock { $0[Key(room: room, worker: worker)] = moment }
    }

    /// Sightings that could not be written wait again, behind newer ones of the same workers.
    func put(back sightings: [WorkerSighting]) {
        seen.withLock { seen in
            for sighting in sightings {
                let key = Key(room: sighting.room, worker: sighting.worker)
                seen[key] = max(seen[key] ?? sighting.at, sighting.at)
            }
        }
    }

    func drain() -> [WorkerSighting] {
        seen.withLock { seen in
            defer { seen = [:] }
            return seen.map { WorkerSighting(room: $0.key.room, worker: $0.key.worker, at: $0.value) }
        }
    }
}
