import FoundationEssentials
import RoomCore
import RoomStorage
import Synchronization
import Testing

@testable import PostgresStorage

extension PostgresTests {
    @Suite struct LostConnectionTests {
        @Test func aLostAnswerIsResolved() async throws {
            let database = try ScratchDatabase()
            let proxy = try LossyProxy(to: database.serverPort)
            let events = Mutex<[PostgresEvent]>([])
            let record = try await database.open(limits: patientLimits, url: database.url(port: proxy.port)) { event in
                events.withLock { $0.append(event) }
            }
            try await record.makeRooms(2)
            let outside = try database.connection()
            // The batch is held up until its connection has gone deaf, and commits into the void.
            try outside.run("BEGIN; SELECT FROM rooms WHERE id = 'room-0' FOR UPDATE")
            async let changed = record.append(1, receipts: [receipt("k")])
            #expect(await eventually { try database.isWaitedFor() })
            proxy.cut(after: 1)
            try await Task.sleep(for: .milliseconds(300))
            try outside.run("COMMIT")
            #expect(try await changed == .committed)
            #expect(events.withLock { $0.contains(.resolved(committed: 1, undone: 0)) })
            #expect(try await record.revisions() == [1])
            await record.close()
            proxy.close()
        }

        @Test func aLostReceiptIsResolved() async throws {
            let database = try ScratchDatabase()
            let proxy = try LossyProxy(to: database.serverPort)
            let record = try await database.open(limits: patientLimits, url: database.url(port: proxy.port))
            try await record.makeRooms(1)
            let outside = try database.connection()
            try outside.run("BEGIN; SELECT FROM rooms WHERE id = 'room-0' FOR UPDATE")
            async let kept = record.append(
                AppendRequest(room: roomID(0), epoch: epoch, base: .zero, changes: [], receipts: [receipt("only")]))
            #expect(await eventually { try database.isWaitedFor() })
            proxy.cut(after: 1)
            try outside.run("COMMIT")
            #expect(try await kept == .committed)
            #expect(try await record.receipts(for: [receipt("only").key], notBefore: .zero).count == 1)
            await record.close()
            proxy.close()
        }

        @Test func anOutcomeThatCannotBeLearnedIsNotClaimed() async throws {
            let database = try ScratchDatabase()
            let proxy = try LossyProxy(to: database.serverPort)
            var limits = patientLimits
            limits.resolveMilliseconds = 500
            let record = try await database.open(limits: limits, url: database.url(port: proxy.port))
            try await record.makeRooms(1)
            let outside = try database.connection()
            try outside.run("BEGIN; SELECT FROM rooms WHERE id = 'room-0' FOR UPDATE")
            async let append = record.append(1)
            #expect(await eventually { try database.isWaitedFor() })
            proxy.refuses.withLock { $0 = true }
            proxy.cut(after: 1)
            do {
                Issue.record("the append answered \(try await append)")
            } catch {
                guard case .outcomeUnknown = error as? StoreError else { throw error }
            }
            #expect(!record.state.isReachable)
            await #expect(throws: StoreError.self) { try await record.append(1) }
            try outside.run("COMMIT")
            proxy.refuses.withLock { $0 = false }
            #expect(await eventually { try await record.head(of: roomID(0))?.revision == Revision(1) })
            #expect(await eventually { record.state.isReachable })
            let head = RoomHead(epoch: epoch, revision: Revision(1), floor: .zero)
            #expect(try await record.append(1) == .superseded(head))
            await record.close()
            proxy.close()
        }

        @Test func whateverEndsTheConnectionsNoAnswerIsWrong() async throws {
            let database = try ScratchDatabase()
            let proxy = try LossyProxy(to: database.serverPort)
            let events = Mutex<[PostgresEvent]>([])
            let record = try await database.open(limits: patientLimits, url: database.url(port: proxy.port)) { event in
                events.withLock { $0.append(event) }
            }
            try await record.makeRooms(6)
            let history = History()
            let isOver = Atomic(false)
            let writing = Task {
                try await sideBySide(12) { number in
                    try await history.write(to: roomID(number % 6), as: number, in: record) {
                        isOver.load(ordering: .relaxed)
                    }
                }
            }
            let outside = try database.connection()
            for round in 0..<40 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 40...120)))
                if round % 2 == 0 { try outside.endBackends() } else { proxy.cut(after: 3) }
            }
            isOver.store(true, ordering: .relaxed)
            _ = try await writing.value
            try await history.check(in: database)
            let resolved = events.withLock { events in
                events.reduce(0) { sum, event in
                    if case .resolved(let committed, _) = event { sum + committed } else { sum }
                }
            }
            #expect(resolved > 0, "no answer was lost: the test showed nothing")
            await record.close()
            proxy.close()
        }

        @Test func aReadWhoseConnectionEndsIsAskedAgain() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await record.makeRooms(1)
            let outside = try database.connection()
            for _ in 0..<10 {
                try outside.endBackends()
                #expect(await eventually { try await record.head(of: roomID(0)) != nil })
            }
            await record.close()
        }

        @Test func connectingAnewLeaksNoDescriptor() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await record.makeRooms(1)
            let outside = try database.connection()
            let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            for _ in 0..<20 {
                try outside.endBackends()
                #expect(await eventually { try await record.head(of: roomID(0)) != nil })
                #expect(await eventually { try database.backends() == 3 })
            }
            let isBack = await eventually {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count <= before + 3
            }
            #expect(isBack)
            await record.close()
        }

        @Test func aClosedRecordRefuses() async throws {
            let database = try ScratchDatabase()
            let record = try await database.open()
            try await record.makeRooms(1)
            async let last = record.append(1)
            #expect(try await last == .committed)
            await record.close()
            await #expect(throws: StoreError.closed) { try await record.append(2) }
            await #expect(throws: StoreError.closed) { try await record.head(of: roomID(0)) }
        }
    }
}

extension ScratchDatabase {
    /// How many connections of records there are.
    func backends() throws -> Int {
        try connection().run(
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'sleap-rooms'
            """
        ).count
    }

    /// Whether a record's statement waits for a lock.
    func isWaitedFor() throws -> Bool {
        try connection().run(
            """
            SELECT pid FROM pg_stat_activity WHERE datname = current_database()
            AND application_name = 'sleap-rooms' AND wait_event_type = 'Lock'
            """
        ).count == 1
    }
}
