import RoomCore
import RoomStorage
import Testing

@testable import PostgresStorage

extension PostgresTests {
    @Suite struct AppendTests {
        @Test func appendsThatWaitCommitTogether() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open(limits: patientLimits)
            try await record.makeRooms(64)
            // While another transaction holds the first room, the rest gathers.
            let outside = try database.connection()
            try outside.run("BEGIN; SELECT FROM rooms WHERE id = 'room-0' FOR UPDATE")
            async let held = record.append(1)
            #expect(await eventually { record.counters.waitingWrites == 1 })
            async let others = sideBySide(63) { try await record.append(1, to: roomID($0 + 1)) }
            #expect(await eventually { record.counters.waitingWrites == 64 })
            try outside.run("COMMIT")
            #expect(try await held == .committed)
            #expect(try await others.allSatisfy { $0 == .committed })
            #expect(record.counters.writes == 64)
            #expect(record.counters.commits == 2)
            #expect(record.counters.largestBatch == 63)
            await record.close()
        }

        @Test func aSupersededAppendDoesNotHarmThoseOfItsBatch() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open(limits: patientLimits)
            try await record.makeRooms(4)
            #expect(try await record.append(1, to: roomID(1)) == .committed)
            let outcomes = try await gathered(database, record, count: 5) { number in
                switch number {
                case 1: try await record.append(1, to: roomID(1), receipts: [receipt("late", in: roomID(1))])
                case 4: try await record.append(1, to: RoomID(trusted: "nowhere"))
                default: try await record.append(1, to: roomID(number))
                }
            }
            let head = RoomHead(epoch: epoch, revision: Revision(1), floor: .zero)
            #expect(outcomes == [.committed, .superseded(head), .committed, .committed, .noSuchRoom])
            #expect(try await record.receipts(for: [receipt("late", in: roomID(1)).key], notBefore: .zero).isEmpty)
            await record.close()
        }

        @Test func appendsThatFollowEachOtherShareABatch() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open(limits: patientLimits)
            try await record.makeRooms(2)
            let commits = record.counters.commits
            let outcomes = try await gathered(database, record, count: 1) { _ in
                async let first = record.append(1, receipts: [receipt("same")])
                #expect(await eventually { record.counters.waitingWrites == 2 })
                async let second = record.append(2, receipts: [receipt("same")])
                #expect(await eventually { record.counters.waitingWrites == 3 })
                async let third = record.append(2)
                return try await [first, second, third]
            }
            let head = RoomHead(epoch: epoch, revision: Revision(2), floor: .zero)
            #expect(outcomes == [[.committed, .committed, .superseded(head)]])
            #expect(record.counters.commits - commits == 2)
            #expect(try await record.revisions() == [1, 2])
            await record.close()
        }

        @Test func aTextThatPostgreSQLCannotKeepIsRefusedAlone() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await record.makeRooms(1)
            await #expect(throws: StoreError.self) { try await record.append(1, kind: "a\0b") }
            await #expect(throws: StoreError.self) { try await record.rooms(named: "\0") }
            #expect(try await record.append(1) == .committed)
            await record.close()
        }

        @Test func anAppendTheServerRefusesDoesNotHarmTheOthers() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open(limits: patientLimits)
            try await record.makeRooms(4)
            let outside = try database.connection()
            try outside.run("ALTER TABLE changes ADD CHECK (kind <> 'odd')")
            let outcomes = try await gathered(database, record, count: 4) { number in
                try? await record.append(1, to: roomID(number), kind: number == 2 ? "odd" : "published")
            }
            #expect(outcomes == [.committed, .committed, nil, .committed])
            #expect(try await record.revisions(of: roomID(2)) == [])
            await record.close()
        }

        @Test func aRoomThatIsHeldDoesNotHoldUpTheOthers() async throws {
            let database = try ScratchDatabase()
            var limits = smallLimits
            limits.lockMilliseconds = 300
            let record = try await database.open(limits: limits)
            try await record.makeRooms(4)
            let outside = try database.connection()
            try outside.run("BEGIN; SELECT FROM rooms WHERE id = 'room-2' FOR UPDATE")
            let outcomes = try await sideBySide(4) { try? await record.append(1, to: roomID($0)) }
            #expect(outcomes == [.committed, .committed, nil, .committed])
            try outside.run("COMMIT")
            #expect(try await record.append(1, to: roomID(2)) == .committed)
            await record.close()
        }

        @Test func twoServersNeverForkARoom() async throws {
            let database = try ScratchDatabase()
            let records = [try await database.open(), try await database.open()]
            try await records[0].makeRooms(6)
            let won = try await sideBySide(24) { number in
                try await contend(records[number % 2], for: roomID(number % 6), changes: 15)
            }
            for room in 0..<6 {
                let revisions = won.enumerated().filter { $0.offset % 6 == room }.flatMap(\.element)
                #expect(revisions.sorted() == Array(1...60))
                #expect(try await records[1].revisions(of: roomID(room)) == Array(1...60))
            }
            for record in records { await record.close() }
        }

        private func contend(_ record: PostgresRecord, for room: RoomID, changes: Int) async throws -> [Int] {
            var won: [Int] = []
            var base = 0
            while won.count < changes {
                switch try await record.append(base + 1, to: room) {
                case .committed:
                    base += 1
                    won.append(base)
                case .superseded(let head):
                    try #require(head.revision.number != base, "superseded where the room stands")
                    base = head.revision.number
                case .noSuchRoom: Issue.record("the room is there")
                }
            }
            return won
        }

        /// Runs appends that gather behind one that is held up, so that they share a batch.
        private func gathered<Answer: Sendable>(
            _ database: ScratchDatabase, _ record: PostgresRecord, count: Int,
            _ body: @escaping @Sendable (Int) async throws -> Answer
        ) async throws -> [Answer] {
            let blocker = RoomID(trusted: "blocker")
            let room = RoomRecord(
                id: blocker, name: "", createdBy: someone, createdAt: Timestamp(seconds: 0), expiresAt: nil)
            try await record.createRoom(room, epoch: epoch)
            let outside = try database.connection()
            try outside.run("BEGIN; SELECT FROM rooms WHERE id = 'blocker' FOR UPDATE")
            async let held = record.append(1, to: blocker)
            #expect(await eventually { record.counters.waitingWrites == 1 })
            async let answers = sideBySide(count, body)
            #expect(await eventually { record.counters.waitingWrites >= count + 1 })
            try? await Task.sleep(for: .milliseconds(200))
            try outside.run("COMMIT")
            #expect(try await held == .committed)
            return try await answers
        }
    }
}

extension Timestamp {
    static var zero: Timestamp { Timestamp(microseconds: 0) }
}
