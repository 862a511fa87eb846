import AdminAPI
import EmbeddedStorage
import Logging
import RoomBackups
import RoomStorage
import Synchronization

/// Looks at each store once a second, so that `/readyz` and the metrics name what is away and the log says why, once.
///
/// Each has a loop of its own: one that takes long to answer says nothing of the others.
struct StoreWatch: Sendable {
    let health: Health
    let record: any StoreCondition
    let live: any StoreCondition
    let blobs: any StoreCondition
    let logger: Logger

    /// Looks until it is cancelled.
    func run() async {
        await withTaskGroup { looks in
            looks.addTask { await look(at: record, "record") { health.note(\.record, isGood: $0) } }
            looks.addTask { await look(at: live, "live") { health.note(\.live, isGood: $0) } }
            looks.addTask { await look(at: blobs, "blobs") { health.note(\.blobs, isGood: $0) } }
        }
    }

    private func look(
        at store: any StoreCondition, _ name: String, note: @Sendable (Bool) -> Bool
    ) async {
        while !Task.isCancelled {
            let state = await store.condition()
            if note(state.isReachable), !Task.isCancelled { tell(state, of: name) }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func tell(_ state: StoreState, of name: String) {
        switch state {
        case .reachable: logger.notice("a store is back", metadata: ["store": "\(name)"])
        case .away(let cause): logger.error("a store is away", metadata: ["store": "\(name)", "cause": "\(cause)"])
        }
    }
}

struct LiveCondition: StoreCondition {
    let live: any LiveRooms

    func condition() async -> StoreState { live.state }
}

/// A bucket that answers and takes no backups is no good one.
struct BlobsCondition: StoreCondition {
    let store: any StoreCondition
    let backups: BackupWriter

    func condition() async -> StoreState {
        let state = await store.condition()
        return state.isReachable ? backups.state : state
    }
}

extension Parts {
    func recordCondition(_ configuration: Configuration) -> any StoreCondition {
        RecordCondition(record: record, disk: configuration.databaseURL == nil ? directory : nil)
    }
}

/// Whether the record takes writes. One that is reachable is not written to for that, until a write has failed.
private final class RecordCondition: StoreCondition {
    private let record: any Record
    private let disk: DataDirectory?
    private let last = Mutex((failures: 0, isGood: true))

    private static let leastFreeBytes = 1 << 20

    init(record: any Record, disk: DataDirectory?) {
        self.record = record
        self.disk = disk
    }

    func condition() async -> StoreState {
        let failures = record.counts.failures
        let isSuspect = last.withLock { $0.failures != failures || !$0.isGood }
        let state = isSuspect ? await written() : disk == nil ? await record.condition() : .reachable
        last.withLock { $0 = (failures, state.isReachable) }
        return state
    }

    /// A page can be written and there is room for more: a nearly full disk takes one small write and not the next.
    private func written() async -> StoreState {
        guard disk?.freeBytes.map({ $0 >= Self.leastFreeBytes }) ?? true else {
            return .away("the disk of the data directory is full: free some space")
        }
        do throws(StoreError) {
            try await record.probe()
            return .reachable
        } catch {
            return .away("\(error)")
        }
    }
}
