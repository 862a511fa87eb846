import RoomCore
import RoomStorage
import Synchronization

/// A record that fails when told to, in front of a real one.
final class FaultyStore: ManifestStore {
    enum Fault: Sendable {
        case none
        /// Nothing is written.
        case unavailable
        /// It is written, and the answer is lost.
        case lostReply
        /// Waits until the fault is taken away.
        case stalled
    }

    private let real: any ManifestStore
    private let fault = Mutex(Fault.none)
    let appends = Atomic<Int>(0)

    init(_ real: any ManifestStore) { self.real = real }

    func become(_ next: Fault) { fault.withLock { $0 = next } }
    private var current: Fault { fault.withLock { $0 } }

    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        appends.wrappingAdd(1, ordering: .relaxed)
        switch current {
        case .none: break
        case .unavailable: throw .unavailable("told to")
        case .lostReply:
            _ = try await real.append(request)
            throw .unavailable("told to, afterwards")
        case .stalled:
            while case .stalled = current { try? await Task.sleep(for: .milliseconds(1)) }
        }
        return try await real.append(request)
    }

    func head(of room: RoomID) async throws(StoreError) -> RoomHead? { try await real.head(of: room) }

    func changes(
        of room: RoomID, after revision: Revision, limit: Int, subject: ChangeSubject?
    ) async throws(StoreError) -> [StoredChange] {
        try await real.changes(of: room, after: revision, limit: limit, subject: subject)
    }

    func revision(of room: RoomID, at moment: Timestamp) async throws(StoreError) -> Revision {
        try await real.revision(of: room, at: moment)
    }

    func snapshot(of room: RoomID, atOrBefore revision: Revision?) async throws(StoreError) -> StoredSnapshot? {
        try await real.snapshot(of: room, atOrBefore: revision)
    }

    func store(_ snapshot: StoredSnapshot) async throws(StoreError) { try await real.store(snapshot) }

    func compact(_ room: RoomID, below floor: Revision) async throws(StoreError) {
        try await real.compact(room, below: floor)
    }

    func restart(from snapshot: StoredSnapshot) async throws(StoreError) -> Bool {
        try await real.restart(from: snapshot)
    }

    func receipts(
        for keys: [ReceiptKey], notBefore oldest: Timestamp
    ) async throws(StoreError) -> [ReceiptKey: Receipt] {
        try await real.receipts(for: keys, notBefore: oldest)
    }

    func forgetReceipts(before moment: Timestamp) async throws(StoreError) {
        try await real.forgetReceipts(before: moment)
    }

    func note(_ sightings: [WorkerSighting]) async throws(StoreError) { try await real.note(sightings) }

    func sightings(in room: RoomID) async throws(StoreError) -> [WorkerSighting] {
        try await real.sightings(in: room)
    }
}
