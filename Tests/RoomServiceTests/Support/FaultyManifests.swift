import RoomCore
import RoomStorage
import Synchronization

/// A record that fails as a test wants it to.
final class FaultyManifests: ManifestStore {
    enum Fault: Sendable {
        case none
        /// Nothing can be read or written.
        case unavailable
        /// The record turns this server away, as after a password was changed.
        case refused
        /// The next append is committed, and its answer is lost.
        case answerLost
    }

    private struct State {
        var fault = Fault.none
        var holdsAppends = false
        var holdsReads = false
        var appends: [AppendRequest] = []
        var held = 0
        var receiptsForgottenBefore: [Timestamp] = []
    }

    private let store: any ManifestStore
    private let state = Mutex(State())

    init(_ store: any ManifestStore) { self.store = store }

    func fail(_ fault: Fault) { state.withLock { $0.fault = fault } }
    func holdAppends() { state.withLock { $0.holdsAppends = true } }
    func holdReads() { state.withLock { $0.holdsReads = true } }
    func release() {
        state.withLock { state in
            state.holdsAppends = false
            state.holdsReads = false
        }
    }
    var appends: [AppendRequest] { state.withLock { $0.appends } }
    var held: Int { state.withLock { $0.held } }
    var receiptsForgottenBefore: [Timestamp] { state.withLock { $0.receiptsForgottenBefore } }

    private func pass(read: Bool = true) async throws(StoreError) {
        let isHeld = state.withLock { read ? $0.holdsReads : $0.holdsAppends }
        if isHeld {
            state.withLock { $0.held += 1 }
            do {
                try await eventually("release") { state.withLock { !(read ? $0.holdsReads : $0.holdsAppends) } }
            } catch {
                throw .unavailable("never released")
            }
            state.withLock { $0.held -= 1 }
        }
        switch state.withLock({ $0.fault }) {
        case .unavailable: throw .unavailable("as the test wants it")
        case .refused: throw .refused("as the test wants it")
        case .none, .answerLost: break
        }
    }
}

extension FaultyManifests {
    func append(_ request: AppendRequest) async throws(StoreError) -> AppendOutcome {
        state.withLock { $0.appends.append(request) }
        try await pass(read: false)
        let outcome = try await store.append(request)
        let isLost = state.withLock { state in
            guard case .answerLost = state.fault else { return false }
            state.fault = .none
            return true
        }
        if isLost { throw .unavailable("the answer was lost") }
        return outcome
    }

    func head(of room: RoomID) async throws(StoreError) -> RoomHead? {
        try await pass()
        return try await store.head(of: room)
    }

    func changes(
        of room: RoomID, after revision: Revision, limit: Int, subject: ChangeSubject?
    ) async throws(StoreError) -> [StoredChange] {
        try await pass()
        return try await store.changes(of: room, after: revision, limit: limit, subject: subject)
    }

    func revision(of room: RoomID, at moment: Timestamp) async throws(StoreError) -> Revision {
        try await pass()
        return try await store.revision(of: room, at: moment)
    }

    func snapshot(of room: RoomID, atOrBefore revision: Revision?) async throws(StoreError) -> StoredSnapshot? {
        try await pass()
        return try await store.snapshot(of: room, atOrBefore: revision)
    }

    func store(_ snapshot: StoredSnapshot) async throws(StoreError) { try await store.store(snapshot) }
    func compact(_ room: RoomID, below floor: Revision) async throws(StoreError) {
        try await store.compact(room, below: floor)
    }
    func restart(from snapshot: StoredSnapshot) async throws(StoreError) -> Bool {
        try await store.restart(from: snapshot)
    }

    func receipts(
        for keys: [ReceiptKey], notBefore oldest: Timestamp
    ) async throws(StoreError) -> [ReceiptKey: Receipt] {
        try await pass()
        return try await store.receipts(for: keys, notBefore: oldest)
    }

    func forgetReceipts(before moment: Timestamp) async throws(StoreError) {
        state.withLock { $0.receiptsForgottenBefore.append(moment) }
        try await store.forgetReceipts(before: moment)
    }

    func note(_ sightings: [WorkerSighting]) async throws(StoreError) {
        try await pass()
        try await store.note(sightings)
    }

    func sightings(in room: RoomID) async throws(StoreError) -> [WorkerSighting] {
        try await pass()
        return try await store.sightings(in: room)
    }
}
