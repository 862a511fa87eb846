import EmbeddedStorage
import FoundationEssentials
import Glibc
import RoomCore
import RoomStorage
import Testing

/// A directory of a test's own, removed with everything in it when the test lets go of it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/embedded-storage-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A record in a directory of its own.
struct ScratchRecord: Sendable {
    let directory: ScratchDirectory
    let record: SQLiteRecord

    var path: String { directory.file("record.sqlite") }

    init(limits: RecordLimits = RecordLimits()) async throws {
        directory = try ScratchDirectory()
        record = try await openRecord(at: directory.file("record.sqlite"), limits: limits)
    }
}

func openRecord(
    at path: String, limits: RecordLimits = RecordLimits(), migrations: [SchemaMigration] = SchemaMigration.embedded
) async throws(StoreError) -> SQLiteRecord {
    try await SQLiteRecord.open(
        at: path, limits: limits, migrations: migrations, moment: Timestamp(seconds: 1), sha256: standInDigest)
}

/// FNV-1a in place of SHA-256: the store only compares what it is given.
@Sendable func standInDigest(_ bytes: [UInt8]) -> String {
    String(bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

func readFile(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
}

// MARK: - Rooms

let epoch = Epoch(trusted: "first")
let someone = UserID(trusted: "user")

func roomID(_ number: Int) -> RoomID { RoomID(trusted: "room-\(number)") }

func change(_ revision: Int, body: [UInt8] = [1]) -> StoredChange {
    StoredChange(
        revision: Revision(revision), at: Timestamp(seconds: Int64(revision)), kind: "published",
        model: ModelID(trusted: "00000001"), otherModel: nil, alias: nil, body: body)
}

extension SQLiteRecord {
    func makeRooms(_ count: Int) async throws {
        for number in 0..<count {
            let room = RoomRecord(
                id: roomID(number), name: "room", createdBy: someone, createdAt: Timestamp(seconds: 0), expiresAt: nil)
            try await createRoom(room, epoch: epoch)
        }
    }

    func append(
        _ revision: Int, to room: RoomID = roomID(0), body: [UInt8] = [1]
    ) async throws(StoreError) -> AppendOutcome {
        try await append(
            AppendRequest(
                room: room, epoch: epoch, base: Revision(revision - 1), changes: [change(revision, body: body)],
                receipts: []))
    }

    func revisions(of room: RoomID = roomID(0)) async throws(StoreError) -> [Int] {
        try await changes(of: room, after: .zero, limit: 100_000, subject: nil).map(\.revision.number)
    }
}
