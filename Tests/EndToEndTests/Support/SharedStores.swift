import Foundation
import Testing

/// The real PostgreSQL and Redis of a test run, and a database of the test's own.
struct SharedStores {
    static var areThere: Bool { variable("POSTGRES") != nil && variable("REDIS") != nil }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["SLEAP_ROOMS_TEST_\(name)"]
    }

    /// What servers of one service are started with.
    let environment: [String: String]

    init() throws {
        let postgres = try #require(Self.variable("POSTGRES"))
        let database = "streams_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let made = try Command.run("/usr/bin/psql", [postgres, "-qc", "CREATE DATABASE \(database)"])
        try #require(made.status == 0, "\(made.errors)")
        let own = String(postgres[..<(try #require(postgres.lastIndex(of: "/")))]) + "/" + database
        environment = [
            "SLEAP_ROOMS_DATABASE_URL": own, "SLEAP_ROOMS_REDIS_URL": try #require(Self.variable("REDIS")),
        ]
    }
}
