import RoomCore
import RoomStorage

/// What was done on the way of a room from the bucket into the record.
enum Passed: Sendable {
    case fetched(Restorer.Fetched)
    /// The rooms that were there before.
    case committed([RoomID])
}

/// The way of all rooms into the record: many are fetched at once while whole batches of them are being committed.
///
/// Neither waits for the other, but no more is fetched than the next commits can take: memory stays that of a few
/// batches, however many rooms there are.
struct Passage {
    enum Work {
        case fetch(RoomID)
        case commit([RestoredRoom])
        /// Nothing more may begin before something has ended.
        case wait
    }

    private static let roomsPerCommit = 50
    private static let changesPerCommit = 5_000
    private static let bytesPerCommit = 8 << 20
    private static let commits = 2

    private var waiting: ArraySlice<RoomID>
    private var fetching = 0
    private var fetched: [RestoredRoom] = []
    private var fetchedChanges = 0
    private var fetchedBytes = 0
    private var committing = 0

    init(_ rooms: [RoomID]) { waiting = rooms[...] }

    /// What is to begin now; nil when all is done.
    mutating func next() -> Work? {
        let isFull =
            fetched.count >= Self.roomsPerCommit || fetchedChanges >= Self.changesPerCommit
            || fetchedBytes >= Self.bytesPerCommit
        let isEnd = waiting.isEmpty && fetching == 0
        if isFull || isEnd, !fetched.isEmpty {
            guard committing < Self.commits else { return .wait }
            defer { (fetched, fetchedChanges, fetchedBytes) = ([], 0, 0) }
            committing += 1
            return .commit(fetched)
        }
        if fetching < Restorer.fetches, let room = waiting.popFirst() {
            fetching += 1
            return .fetch(room)
        }
        return fetching + committing > 0 ? .wait : nil
    }

    mutating func note(_ passed: Passed, in report: inout RestoreReport) throws(StoreError) {
        switch passed {
        case .committed(let standing):
            committing -= 1
            report.standing += standing
            report.rooms -= standing.count
        case .fetched(let item):
            fetching -= 1
            try note(item, in: &report)
        }
    }

    private mutating func note(_ item: Restorer.Fetched, in report: inout RestoreReport) throws(StoreError) {
        switch item {
        case .deleted: report.deleted += 1
        case .failed(_, .store(let error)): throw error
        case .failed(let room, let fault):
            report.lost.append(room)
            report.damage.append("\(fault)")
        case .room(let room, let models, let damage):
            report.damage += damage.map { "room \(room.dossier.record.id): \($0)" }
            report.models += models
            report.rooms += 1
            fetched.append(room)
            fetchedChanges += room.changes.count
            fetchedBytes += room.changes.reduce(room.snapshot?.body.count ?? 0) { $0 + $1.body.count }
        }
    }
}
