import Foundation
import FoundationNetworking
import RoomCore
import RoomStorage
import Testing

@testable import S3Storage

/// A database, a Redis and a bucket of one test's own, on the servers that `deploy/servers` started.
final class TestStores {
    static let areHere = ["POSTGRES", "S3", "SERVERS"].allSatisfy { variable($0) != nil }
    static let accessKey = "TESTACCESSKEY0000001"
    static let secret = "testsecretkey"

    let files = TemporaryDirectory()
    let redis: OwnRedis
    let toPostgres: Door
    let toS3: Door
    let name = "e" + String(UInt64.random(in: .min ... .max), radix: 36)
    let bucket: S3Blobs

    init() async throws {
        redis = try OwnRedis(files)
        toPostgres = try Door(to: try Self.port("POSTGRES"))
        toS3 = try Door(to: try Self.port("S3"))
        let settings = try S3Settings(
            bucket: name, endpoint: try S3Endpoint(try #require(Self.variable("S3"))),
            credentials: .fixed(
                try #require(S3Credentials(accessKeyID: Self.accessKey, secretAccessKey: Self.secret))))
        bucket = S3Blobs(settings, S3Surroundings(clock: { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }))
        _ = try await bucket.client.perform(S3Call(method: .put, key: nil))
        try makeDatabase()
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_\(name)"]
    }

    private static func port(_ name: String) throws -> UInt16 {
        let text = try #require(variable(name))
        let url = try #require(URL(string: text))
        return try #require(url.port.flatMap(UInt16.init(exactly:)))
    }

    /// What makes a server use them.
    var environment: [String: String] {
        [
            "SLEAP_ROOMS_DATABASE_URL": databaseURL(), "SLEAP_ROOMS_REDIS_URL": redis.url,
            "SLEAP_ROOMS_S3_BUCKET": name, "SLEAP_ROOMS_S3_ENDPOINT": "http://127.0.0.1:\(toS3.port)",
            "AWS_ACCESS_KEY_ID": Self.accessKey, "AWS_SECRET_ACCESS_KEY": Self.secret, "AWS_REGION": "us-east-1",
            "SLEAP_ROOMS_DRAIN_S": "0",
        ]
    }

    func databaseURL(role: String = "postgres") -> String {
        "postgresql://\(role)@127.0.0.1:\(toPostgres.port)/\(name)"
    }

    func server(_ more: [String: String] = [:]) -> BuiltServer {
        BuiltServer(environment: environment.merging(more) { _, new in new })
    }

    func makeDatabase() throws { try sql("CREATE DATABASE \(name)", in: "postgres") }

    func wipeDatabase() throws {
        try sql("DROP DATABASE \(name) WITH (FORCE)", in: "postgres")
        try makeDatabase()
    }

    @discardableResult
    func sql(_ text: String, in database: String? = nil) throws -> String {
        let url = try #require(Self.variable("POSTGRES")).replacing(/\/postgres$/, with: "/\(database ?? name)")
        let run = try Command.run("/usr/bin/env", ["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", url, "-c", text])
        try #require(run.status == 0, "\(text): \(run.errors)")
        return run.output
    }

    /// A command on these stores, as an operator gives it beside running servers.
    func command(_ arguments: [String], _ more: [String: String] = [:]) throws -> Command {
        try Command.run(
            BuiltServer.binary, arguments + ["--data", files.path("command-data")],
            environment: environment.merging(more) { _, new in new })
    }
}

extension BuiltServer {
    /// `/readyz`, as an ingress sees it; nil while nobody listens.
    func readiness() async -> (isServing: Bool, status: String, checks: [String: String])? {
        guard let answer = try? await ask("GET", "/readyz") else { return nil }
        let checks = answer.body["checks"]?.objectValue ?? [:]
        var words: [String: String] = [:]
        for name in ["record", "live", "blobs"] { words[name] = checks[name]?.stringValue }
        return (answer.status == 200, answer.body["status"]?.stringValue ?? "", words)
    }

    func metric(_ name: String) async throws -> Int? {
        let url = try #require(URL(string: http + "/metrics"))
        let (data, _) = try await URLSession.shared.data(from: url)
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("sleap_rooms_\(name) ") }
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    /// How many lines of the log hold all of these.
    func logLines(with words: String...) -> Int {
        log.split(separator: "\n").count { line in words.allSatisfy { line.contains($0) } }
    }
}
