import RoomCore
import RoomStorage
import Testing

/// The two ports over one record, as they are used together.
package struct RecordUnderTest: Sendable {
    package let manifests: any ManifestStore
    package let accounts: any AccountStore

    package init(manifests: any ManifestStore, accounts: any AccountStore) {
        self.manifests = manifests
        self.accounts = accounts
    }
}

// MARK: - Steps

extension RecordUnderTest {
    func newUser() async throws -> UserID {
        let candidate = User(
            id: UserID(trusted: "user-\(uniqueHex())"), username: "name-\(uniqueHex())", createdAt: moment(0))
        return try await accounts.ensureUser(candidate).id
    }

    /// An empty room in ``epoch``.
    func newRoom() async throws -> RoomID {
        let room = RoomRecord(
            id: RoomID(trusted: uniqueHex()), name: "room", createdBy: try await newUser(), createdAt: moment(0),
            expiresAt: nil)
        try await accounts.createRoom(room, epoch: epoch)
        return room.id
    }

    /// A room whose changes were made at seconds 1, 2, … `count`.
    func newRoom(changes count: Int) async throws -> RoomID {
        let room = try await newRoom()
        try await expectCommitted(room, after: 0, (1...max(1, count)).prefix(count).map { change($0) })
        return room
    }

    func append(
        _ room: RoomID, after base: Int, _ changes: [StoredChange], receipts: [Receipt] = [], epoch: Epoch = epoch,
        access: Int? = nil
    ) async throws -> AppendOutcome {
        try await manifests.append(
            AppendRequest(
                room: room, epoch: epoch, base: Revision(base), changes: changes, receipts: receipts, access: access))
    }

    func expectCommitted(
        _ room: RoomID, after base: Int, _ changes: [StoredChange], receipts: [Receipt] = [], epoch: Epoch = epoch,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await append(room, after: base, changes, receipts: receipts, epoch: epoch)
        #expect(outcome == .committed, sourceLocation: sourceLocation)
    }

    func changes(
        _ room: RoomID, after revision: Int = 0, limit: Int = 10_000, of subject: ChangeSubject? = nil
    ) async throws -> [StoredChange] {
        try await manifests.changes(of: room, after: Revision(revision), limit: limit, subject: subject)
    }

    func revisions(
        _ room: RoomID, after revision: Int = 0, limit: Int = 10_000, of subject: ChangeSubject? = nil
    ) async throws -> [Int] {
        try await changes(room, after: revision, limit: limit, of: subject).map(\.revision.number)
    }

    func revision(_ room: RoomID, at moment: Timestamp) async throws -> Int {
        try await manifests.revision(of: room, at: moment).number
    }
}

// MARK: - Values

let epoch = Epoch(trusted: "first")
let laterEpoch = Epoch(trusted: "later")

/// Long after what ``ManifestStore/forgetReceipts(before:)`` is checked with, so that checks can share a store.
func moment(_ second: Int64) -> Timestamp { Timestamp(seconds: 1_700_000_000 + second) }

func model(_ number: Int) -> ModelID { ModelID(trusted: hex(UInt64(number), digits: 8)) }

/// The change of a revision, made at the second of that number.
func change(
    _ revision: Int, at second: Int64? = nil, kind: String = "published", model: ModelID = model(1),
    takingAliasFrom other: ModelID? = nil, alias: Alias? = nil, body: [UInt8] = [1, 2, 3]
) -> StoredChange {
    StoredChange(
        revision: Revision(revision), at: moment(second ?? Int64(revision)), kind: kind, model: model,
        otherModel: other, alias: alias, body: body)
}

func snapshot(
    _ room: RoomID, at revision: Int, epoch: Epoch = epoch, second: Int64? = nil, body: [UInt8] = [9]
) -> StoredSnapshot {
    StoredSnapshot(
        room: room, epoch: epoch, revision: Revision(revision), at: moment(second ?? Int64(revision)), body: body)
}

func receipt(
    _ room: RoomID, key: String, by credential: String = "key-1", at moment: Timestamp = moment(0),
    answer: [UInt8] = [7]
) -> Receipt {
    Receipt(key: ReceiptKey(room: room, credential: credential, key: key), at: moment, answer: answer)
}
