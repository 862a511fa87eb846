import CLibPQ
import Cryptography
import EmbeddedStorage
import Foundation
import PostgresStorage
import RoomCore
import RoomStorage
import Testing

/// A server that a test may make databases on, as a URI of a superuser.
let postgresServer = ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_POSTGRES"]

/// An empty SQLite record for the time of a test.
func withEmbeddedRecord(_ body: (any Record) async throws -> Void) async throws {
    let memory = "/dev/shm/"
    let parent = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
    let path = parent + "accounts-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(
        try await SQLiteRecord.open(at: "\(path)/record.sqlite", moment: SharedClock.start, sha256: { SHA256.hex($0) }))
}

/// An empty PostgreSQL record for the time of a test.
func withPostgresRecord(_ body: (any Record) async throws -> Void) async throws {
    let server = try #require(postgresServer)
    let name = "accounts_\(UInt64.random(in: .min ... .max))"
    try run("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'", on: server)
    defer { try? run("DROP DATABASE \(name) WITH (FORCE)", on: server) }
    var limits = PostgresLimits()
    limits.connections = 2
    var url = try #require(URLComponents(string: server))
    url.path = "/\(name)"
    try await body(
        try await PostgresRecord.open(
            url: try #require(url.string), limits: limits, moment: SharedClock.start, sha256: { SHA256.hex($0) },
            onEvent: { _ in }))
}

private func run(_ sql: String, on server: String) throws {
    let connection = try #require(PQconnectdb(server))
    defer { PQfinish(connection) }
    try #require(PQstatus(connection) == CONNECTION_OK, "\(String(cString: PQerrorMessage(connection)))")
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    try #require(PQresultStatus(result) == PGRES_COMMAND_OK, "\(String(cString: PQerrorMessage(connection)))")
}
