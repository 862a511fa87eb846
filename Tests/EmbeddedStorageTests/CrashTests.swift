import EmbeddedStorage
import RoomCore
import RoomStorage
import Testing

@Suite struct CrashTests {
    @Test func everyAcknowledgedChangeOutlivesKillNine() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        let rooms = 16
        try await prepare(path, rooms: rooms)
        var acknowledged = [Int](repeating: 0, count: rooms)
        for _ in 0..<5 {
            let victim = try ChildProcess(try ChildProcess.sibling("StorageVictim"), [path, "\(rooms)"])
            let lines = await victim.lines(killedAfter: Int.random(in: 1...400))
            #expect(!lines.isEmpty)
            for line in lines {
                let numbers = line.split(separator: " ").compactMap { Int($0) }
                try #require(numbers.count == 2)
                acknowledged[numbers[0]] = max(acknowledged[numbers[0]], numbers[1])
            }
            try await expectKept(acknowledged, in: path)
        }
    }

    @Test func aClosedRecordIsReadBackWhole() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(1)
        for revision in 1...3 { _ = try await scratch.record.append(revision) }
        await scratch.record.close()
        let again = try await openRecord(at: scratch.path)
        #expect(try await again.revisions() == [1, 2, 3])
        #expect(try await again.append(4) == .committed)
    }

    @Test func aRecordThatWasLetGoIsReadBackWhole() async throws {
        let directory = try ScratchDirectory()
        try await prepare(directory.file("record.sqlite"), rooms: 2)
        let again = try await open(directory.file("record.sqlite"))
        #expect(try await again.room(roomID(1)) != nil)
    }

    /// With the victim's digest, which counts bytes.
    private func open(_ path: String) async throws -> SQLiteRecord {
        try await SQLiteRecord.open(at: path, moment: Timestamp(seconds: 1)) { "\($0.count)" }
    }

    private func prepare(_ path: String, rooms: Int) async throws {
        let record = try await open(path)
        try await record.makeRooms(rooms)
    }

    /// A room may hold one change more than was acknowledged: its writer was killed before it could say so.
    private func expectKept(_ acknowledged: [Int], in path: String) async throws {
        let record = try await open(path)
        for (number, revision) in acknowledged.enumerated() {
            let head = try #require(try await record.head(of: roomID(number))).revision.number
            #expect(head >= revision)
            #expect(try await record.revisions(of: roomID(number)) == Array(1...max(1, head)).prefix(head).map { $0 })
        }
        await record.close()
    }
}
