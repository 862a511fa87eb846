import CLibPQ
import FoundationEssentials
import Glibc
import RoomCore
import RoomStorage
import Testing

@testable import PostgresStorage

/// The server that the tests may make databases on, as a URI of a superuser.
let testServer = ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_POSTGRES"]

/// Everything that needs the server; one test at a time, for connections are few.
@Suite(
    .serialized, .timeLimit(.minutes(2)),
    .enabled(if: testServer != nil, "SLEAP_ROOMS_TEST_POSTGRES names no PostgreSQL server"))
struct PostgresTests {}

/// A database of a test's own, dropped with everything in it when the test lets go of it.
final class ScratchDatabase: Sendable {
    let name = "rooms_\(UInt64.random(in: .min ... .max))"
    private let uri: String
    private let parts: [String: String]

    init(on given: String? = testServer) throws {
        uri = try #require(given)
        parts = try connectionOptions(uri)
        try OutsideConnection(uri).run("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'")
    }

    deinit { _ = try? OutsideConnection(uri).run("DROP DATABASE \(name) WITH (FORCE)") }

    var url: String { url() }

    func url(user: String? = nil, password: String? = nil, port: Int? = nil) -> String {
        let password = (password ?? parts["password"]).map { ":\($0)" } ?? ""
        let host = (parts["host"] ?? "127.0.0.1").split(separator: "/").joined(separator: "%2F")
        let place = "\(host):\(port.map { "\($0)" } ?? parts["port"] ?? "5432")"
        return "postgresql://\(user ?? parts["user"] ?? "postgres")\(password)@\(place)/\(name)"
    }

    var serverPort: Int { parts["port"].flatMap { Int($0) } ?? 5432 }

    func connection() throws -> OutsideConnection { try OutsideConnection(url) }

    func open(
        limits: PostgresLimits = smallLimits, migrations: [SchemaMigration] = SchemaMigration.embedded,
        url: String? = nil, migrate: Bool = true, onEvent: @escaping @Sendable (PostgresEvent) -> Void = { _ in }
    ) async throws(StoreError) -> PostgresRecord {
        try await PostgresRecord.open(
            url: url ?? self.url, migrate: migrate, limits: limits, migrations: migrations,
            moment: Timestamp(seconds: 1), sha256: standInDigest, onEvent: onEvent)
    }
}

/// Few connections, for a server lets in a hundred.
var smallLimits: PostgresLimits {
    var limits = PostgresLimits()
    limits.connections = 2
    return limits
}

/// Locks are waited for until the test lets go of them.
var patientLimits: PostgresLimits {
    var limits = smallLimits
    limits.lockMilliseconds = 0
    return limits
}

private func connectionOptions(_ uri: String) throws -> [String: String] {
    let parsed = try #require(PQconninfoParse(uri, nil), "SLEAP_ROOMS_TEST_POSTGRES is no URI that libpq reads")
    defer { PQconninfoFree(parsed) }
    var options: [String: String] = [:]
    var option = parsed
    while let keyword = option.pointee.keyword {
        if let value = option.pointee.val { options[String(cString: keyword)] = String(cString: value) }
        option += 1
    }
    return options
}

/// A plain blocking connection beside the record's; used by one test at a time.
final class OutsideConnection: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ uri: String) throws {
        guard let pointer = PQconnectdb(uri) else { throw OutsideFault(description: "memory is short") }
        self.pointer = pointer
        guard PQstatus(pointer) == CONNECTION_OK else { throw OutsideFault(pointer) }
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    }

    deinit { PQfinish(pointer) }

    /// The first column of all rows.
    @discardableResult
    func run(_ sql: String) throws -> [String] {
        let result = PQexec(pointer, sql)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else { throw OutsideFault(pointer) }
        return (0..<PQntuples(result)).map { row in PQgetvalue(result, row, 0).map { String(cString: $0) } ?? "" }
    }

    /// Ends every server process that works for a record in this database.
    func endBackends() throws {
        try run(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'sleap-rooms' AND datname = current_database()
            """)
    }
}

struct OutsideFault: Error, CustomStringConvertible {
    let description: String

    init(description: String) { self.description = description }

    init(_ pointer: OpaquePointer) { description = String(cString: PQerrorMessage(pointer)) }
}

/// FNV-1a in place of SHA-256: the store only compares what it is given.
@Sendable func standInDigest(_ bytes: [UInt8]) -> String {
    String(bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
}

// MARK: - Rooms

let epoch = Epoch(trusted: "first")
let someone = UserID(trusted: "user")

func roomID(_ number: Int) -> RoomID { RoomID(trusted: "room-\(number)") }

func change(_ revision: Int, kind: String = "published", body: [UInt8] = [1]) -> StoredChange {
    StoredChange(
        revision: Revision(revision), at: Timestamp(seconds: Int64(revision)), kind: kind,
        model: ModelID(trusted: "00000001"), otherModel: nil, alias: nil, body: body)
}

func receipt(_ key: String, in room: RoomID = roomID(0)) -> Receipt {
    Receipt(
        key: ReceiptKey(room: room, credential: "key", key: key), at: Timestamp(seconds: 1), answer: Array(key.utf8))
}

extension PostgresRecord {
    func makeRooms(_ count: Int) async throws {
        for number in 0..<count {
            let room = RoomRecord(
                id: roomID(number), name: "room", createdBy: someone, createdAt: Timestamp(seconds: 0), expiresAt: nil)
            try await createRoom(room, epoch: epoch)
        }
    }

    func append(
        _ revision: Int, to room: RoomID = roomID(0), kind: String = "published", body: [UInt8] = [1],
        receipts: [Receipt] = []
    ) async throws(StoreError) -> AppendOutcome {
        try await append(
            AppendRequest(
                room: room, epoch: epoch, base: Revision(revision - 1),
                changes: [change(revision, kind: kind, body: body)], receipts: receipts))
    }

    func revisions(of room: RoomID = roomID(0)) async throws(StoreError) -> [Int] {
        try await changes(of: room, after: .zero, limit: 100_000, subject: nil).map(\.revision.number)
    }
}

/// Runs `count` tasks side by side.
func sideBySide<Answer: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Answer
) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
        for number in 0..<count { group.addTask { (number, try await body(number)) } }
        return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// Tries until it is so; false after some seconds.
func eventually(_ isSo: @Sendable () async throws -> Bool) async -> Bool {
    for _ in 0..<200 {
        if let found = try? await isSo(), found { return true }
        try? await Task.sleep(for: .milliseconds(50))
    }
    return false
}
