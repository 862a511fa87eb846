import RoomCore
import RoomStorage
import Testing

@testable import EmbeddedStorage

@Suite(.timeLimit(.minutes(1))) struct GroupCommitTests {
    @Test func writesThatWaitCommitTogether() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(64)
        let before = scratch.record.counters
        let outcomes = try await scratch.whileLocked(waiting: 64) { record in
            await record.appendFirst(toRooms: 0..<64)
        }
        #expect(outcomes.allSatisfy { $0 == .success(.committed) })
        let after = scratch.record.counters
        #expect(after.writes - before.writes == 64)
        // One commit for what came before the lock was met, one for all that gathered behind it.
        #expect(after.commits - before.commits <= 2)
        #expect(after.waitingWrites == 0)
    }

    @Test(arguments: [\RecordLimits.batchWrites, \RecordLimits.batchBytes])
    func aBatchHoldsNoMoreThanItsLimit(_ limit: WritableKeyPath<RecordLimits, Int> & Sendable) async throws {
        var limits = RecordLimits()
        // A write of these tests weighs more than two hundred bytes, so that the bytes hold eight at most too.
        limits[keyPath: limit] = limit == \RecordLimits.batchWrites ? 8 : 1_600
        let scratch = try await ScratchRecord(limits: limits)
        try await scratch.record.makeRooms(40)
        let outcomes = try await scratch.whileLocked(waiting: 40) { record in
            await record.appendFirst(toRooms: 0..<40)
        }
        #expect(outcomes.allSatisfy { $0 == .success(.committed) })
        #expect(scratch.record.counters.largestBatch <= 8)
        #expect(scratch.record.counters.largestBatch > 1)
    }

    @Test func aFailingWriteIsUndoneAloneAndTheOthersCommit() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(20)
        let outcomes = try await scratch.whileLocked(waiting: 21) { record in
            async let failing = record.failAfterRenamingRoom(3)
            let outcomes = await record.appendFirst(toRooms: 0..<20)
            #expect(await failing == .corrupt("on purpose"))
            return outcomes
        }
        #expect(outcomes.allSatisfy { $0 == .success(.committed) })
        #expect(try await scratch.record.room(roomID(3))?.name == "room")
        for number in 0..<20 { #expect(try await scratch.record.revisions(of: roomID(number)) == [1]) }
    }

    @Test func aFullQueueRefusesAndGoesOn() async throws {
        var limits = RecordLimits()
        limits.batchWrites = 1
        limits.waitingWrites = 4
        let scratch = try await ScratchRecord(limits: limits)
        try await scratch.record.makeRooms(30)
        // At most one is at work and four wait: the others are refused at once.
        let outcomes = try await scratch.whileLocked(waiting: 30) { record in
            await record.appendFirst(toRooms: 0..<30)
        }
        let refused = outcomes.count { if case .failure(.unavailable) = $0 { true } else { false } }
        #expect(refused >= 25)
        #expect(scratch.record.counters.refusedWrites == refused)
        #expect(outcomes.count { $0 == .success(.committed) } == 30 - refused)
        #expect(try await scratch.record.append(1, to: roomID(30)) == .noSuchRoom)
    }

    @Test func aWriteOverItsLimitIsRefused() async throws {
        var limits = RecordLimits()
        limits.writeBytes = 10_000
        let scratch = try await ScratchRecord(limits: limits)
        try await scratch.record.makeRooms(1)
        let large = await Result { () async throws(StoreError) in
            try await scratch.record.append(1, body: [UInt8](repeating: 1, count: 10_001))
        }
        guard case .failure(.unavailable) = large else {
            Issue.record("a large write was not refused: \(large)")
            return
        }
        #expect(try await scratch.record.append(1) == .committed)
    }

    @Test func readsGoOnWhileTheWriterWaits() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(1)
        _ = try await scratch.record.append(1)
        let outcome = try await scratch.whileLocked(waiting: 1, read: { try await $0.revisions() }) { record in
            await record.appendOutcome(2, to: roomID(0))
        }
        #expect(outcome.read == [1])
        #expect(outcome.answer == .success(.committed))
    }

    @Test func aLockHeldTooLongIsUnavailableAndNoneOfItStays() async throws {
        var limits = RecordLimits()
        limits.busyMilliseconds = 20
        let scratch = try await ScratchRecord(limits: limits)
        try await scratch.record.makeRooms(1)
        let outside = try OutsideConnection(scratch.path)
        try outside.run("BEGIN IMMEDIATE")
        let outcome = await scratch.record.appendOutcome(1, to: roomID(0))
        guard case .failure(.unavailable(let reason)) = outcome else {
            Issue.record("the lock was not noticed: \(outcome)")
            return
        }
        #expect(reason.contains("another process"))
        try outside.run("ROLLBACK")
        #expect(try await scratch.record.append(1) == .committed)
        #expect(scratch.record.counters.failedCommits == 1)
    }

    @Test func closingFinishesWhatWaitsAndRefusesTheRest() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(8)
        let outcomes = try await scratch.whileLocked(waiting: 8) { record in
            await record.appendFirst(toRooms: 0..<8)
        }
        await scratch.record.close()
        #expect(outcomes.allSatisfy { $0 == .success(.committed) })
        await #expect(throws: StoreError.closed) { _ = try await scratch.record.append(2) }
        await #expect(throws: StoreError.closed) { _ = try await scratch.record.head(of: roomID(0)) }
        await scratch.record.close()
    }

    @Test func twoProcessesMayWriteOneFile() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(1)
        let records = [scratch.record, try await openRecord(at: scratch.path)]
        let won = try await withThrowingTaskGroup(of: [Int].self) { group in
            for number in 0..<8 { group.addTask { try await records[number % 2].contend(forChanges: 10) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(won.sorted() == Array(1...80))
        for record in records { #expect(try await record.revisions() == Array(1...80)) }
    }
}

// MARK: - Steps

extension RecordCounters {
    fileprivate var offeredWrites: Int { waitingWrites + refusedWrites }
}

extension ScratchRecord {
    /// Runs `body` while another program holds the database, which it lets go once so many writes wait or
    /// were refused.
    func whileLocked<Answer: Sendable>(
        waiting count: Int, _ body: @escaping @Sendable (SQLiteRecord) async throws -> Answer
    ) async throws -> Answer {
        try await whileLocked(waiting: count, read: { _ in }, body).answer
    }

    func whileLocked<Answer: Sendable, Seen: Sendable>(
        waiting count: Int, read: @Sendable (SQLiteRecord) async throws -> Seen,
        _ body: @escaping @Sendable (SQLiteRecord) async throws -> Answer
    ) async throws -> (answer: Answer, read: Seen) {
        let outside = try OutsideConnection(path)
        try outside.run("BEGIN IMMEDIATE")
        let record = record
        async let answer = body(record)
        while record.counters.offeredWrites < count { await Task.yield() }
        let seen = try await read(record)
        try outside.run("ROLLBACK")
        return (try await answer, seen)
    }
}

extension SQLiteRecord {
    func appendOutcome(_ revision: Int, to room: RoomID) async -> Result<AppendOutcome, StoreError> {
        await Result { () async throws(StoreError) in try await append(revision, to: room) }
    }

    /// The first change of many rooms at once.
    func appendFirst(toRooms numbers: Range<Int>) async -> [Result<AppendOutcome, StoreError>] {
        await withTaskGroup(of: Result<AppendOutcome, StoreError>.self) { group in
            for number in numbers { group.addTask { await self.appendOutcome(1, to: roomID(number)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    func failAfterRenamingRoom(_ number: Int) async -> StoreError? {
        do throws(StoreError) {
            try await write { connection throws(StoreError) in
                try connection.execute("UPDATE rooms SET name = 'broken' WHERE id = ?", roomID(number))
                throw .corrupt("on purpose")
            }
            return nil
        } catch {
            return error
        }
    }

    /// Appends to the first room, deciding again whenever another was first; gives the revisions won.
    func contend(forChanges count: Int) async throws -> [Int] {
        var won: [Int] = []
        var base = 0
        while won.count < count {
            switch try await append(base + 1) {
            case .committed:
                base += 1
                won.append(base)
            case .superseded(let head): base = head.revision.number
            case .noSuchRoom: throw StoreError.corrupt("the room is gone")
            }
        }
        return won
    }
}

extension Result where Failure == StoreError {
    init(_ body: () async throws(StoreError) -> Success) async {
        do throws(StoreError) {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
