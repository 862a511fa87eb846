import EmbeddedStorage
import FoundationEssentials
import RoomCore
import RoomStorage
import Testing

@Suite struct OpeningTests {
    @Test func aMissingDirectoryIsUnavailableWithARemedy() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("absent/record.sqlite")
        let reason = try await refusal(at: path)
        guard case .unavailable(let text) = reason else {
            Issue.record("not refused as unavailable: \(reason)")
            return
        }
        #expect(text.contains(path))
        #expect(text.contains("check that its directory exists"))
    }

    @Test func aFileInPlaceOfTheDirectoryIsUnavailable() async throws {
        let directory = try ScratchDirectory()
        try writeFile(directory.file("data"), [])
        let reason = try await refusal(at: directory.file("data/record.sqlite"))
        guard case .unavailable = reason else {
            Issue.record("not refused as unavailable: \(reason)")
            return
        }
    }

    @Test func aFileThatIsNoDatabaseIsCorruptAndLeftAlone() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        try writeFile(path, content)
        let reason = try await refusal(at: path)
        guard case .corrupt(let text) = reason else {
            Issue.record("not refused as corrupt: \(reason)")
            return
        }
        #expect(text.contains("not a database") && text.contains("restore a backup"))
        #expect(try readFile(path) == content)
    }

    @Test func damagedPagesAreCorruptWithARemedy() async throws {
        let scratch = try await ScratchRecord()
        try await scratch.record.makeRooms(1)
        for revision in 1...40 {
            _ = try await scratch.record.append(revision, body: Array(repeating: 1, count: 3_000))
        }
        await scratch.record.close()
        var content = try readFile(scratch.path)
        for index in 8_192..<content.count { content[index] = 0xA5 }
        try writeFile(scratch.path, content)
        let outcome = await Result { () async throws(StoreError) in
            try await openRecord(at: scratch.path).revisions()
        }
        guard case .failure(.corrupt(let text)) = outcome else {
            Issue.record("the damage was not noticed: \(outcome)")
            return
        }
        #expect(text.contains("restore a backup"))
    }

    @Test func anotherProgramsDatabaseIsRefusedAndLeftAlone() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        let outside = try OutsideConnection(path)
        try outside.run("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
        let reason = try await refusal(at: path)
        guard case .corrupt(let text) = reason else {
            Issue.record("not refused: \(reason)")
            return
        }
        #expect(text.contains("another program's database"))
        try outside.run("CREATE TABLE users (x)")
    }

    @Test func severalProcessesMayMakeOneRecordAtOnce() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("record.sqlite")
        let records = try await withThrowingTaskGroup(of: SQLiteRecord.self) { group in
            for _ in 0..<6 { group.addTask { try await openRecord(at: path) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await records[0].makeRooms(1)
        for record in records { #expect(try await record.room(roomID(0)) != nil) }
    }

    private func refusal(at path: String) async throws -> StoreError {
        let outcome = await Result { () async throws(StoreError) in try await openRecord(at: path) }
        guard case .failure(let error) = outcome else {
            Issue.record("\(path) was opened")
            return .closed
        }
        return error
    }
}
