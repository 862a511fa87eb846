import Cryptography
import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// The TURN credentials that peers are given, before a real TURN server.
@Suite(.timeLimit(.minutes(5)), .enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/turnserver")))
struct TURNTests {
    private static let secret = "a-secret-of-the-turn-server"

    /// What `registered_auth` says to a client.
    private func greeting(_ secret: String, lifetime: Int = 3600) async throws -> JSONObject {
        let server = BuiltServer(environment: [
            "SLEAP_ROOMS_STUN_URLS": "stun:127.0.0.1:3478", "SLEAP_ROOMS_TURN_URLS": "turn:127.0.0.1:3478",
            "SLEAP_ROOMS_TURN_SECRET": secret, "SLEAP_ROOMS_TURN_S": String(lifetime),
        ])
        let alice = try server.bootstrap()
        try server.start()
        return try await withLoops { group in
            let settings = try server.settings(.jwt(alice.jwt, room: alice.room_id))
            return await (try RoomConnection.open(settings, on: group.next())).greeting
        }
    }

    private func turn(in greeting: JSONObject) throws -> (username: String, credential: String) {
        let entry = try #require(greeting["ice_servers"]?.arrayValue?.last?.objectValue)
        return (
            try #require(entry["username"]?.stringValue), try #require(entry["credential"]?.stringValue)
        )
    }

    /// Whether the TURN server lets a client relay.
    private func isAccepted(_ username: String, _ credential: String, port: Int) throws -> Bool {
        let run = try Command.run(
            "/usr/bin/turnutils_uclient",
            ["-u", username, "-w", credential, "-p", String(port), "-y", "-n", "2", "-m", "1", "127.0.0.1"])
        let isDone = run.status == 0 && run.output.contains("Total lost packets 0")
        #expect(isDone || run.output.contains("Cannot complete Allocation"), "\(run.output) \(run.errors)")
        return isDone
    }

    @Test func entriesHaveOnlyTheKeysThatClientsTakeAndTheMeshHasNoTURN() async throws {
        let greeting = try await greeting(Self.secret)
        let servers = greeting["ice_servers"]?.arrayValue ?? []
        #expect(servers.first == ["urls": ["stun:127.0.0.1:3478"]])
        #expect(Set(servers.last?.objectValue?.keys ?? []) == ["urls", "username", "credential"])
        #expect(greeting["mesh_ice_servers"] == [["urls": ["stun:127.0.0.1:3478"]]])
    }

    @Test func coturnTakesCredentialsThatAreGoodAndNoneThatEndedOrAreForged() async throws {
        let files = TemporaryDirectory()
        let port = 20_000 + Int(ProcessInfo.processInfo.processIdentifier) % 10_000
        let coturn = try Child(
            "/usr/bin/turnserver",
            [
                "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--listening-port=\(port)",
                "--use-auth-secret", "--static-auth-secret=\(Self.secret)", "--realm=rooms", "--no-cli", "--no-tls",
                "--no-dtls", "--allow-loopback-peers", "--log-file=stdout", "--pidfile=\(files.path("pid"))",
            ], files: files)
        defer { _ = coturn.end(SIGKILL) }
        let good = try turn(in: await greeting(Self.secret))
        try await eventually("coturn takes a credential") {
            try isAccepted(good.username, good.credential, port: port)
        }
        let forged = try turn(in: await greeting("another-secret-of-a-server"))
        #expect(try !isAccepted(forged.username, forged.credential, port: port))
        let prolonged = "\(try #require(Int(good.username.prefix { $0 != ":" })) + 3600):\(alias(of: good.username))"
        #expect(try !isAccepted(prolonged, good.credential, port: port))
        // Sealed as the server seals, for a moment that has passed.
        let ended = "\(Int(Date().timeIntervalSince1970) - 60):\(alias(of: good.username))"
        #expect(try !isAccepted(ended, seal(ended), port: port))
        let lasting = "\(Int(Date().timeIntervalSince1970) + 600):\(alias(of: good.username))"
        #expect(try isAccepted(lasting, seal(lasting), port: port))
    }

    private func alias(of username: String) -> Substring { username.drop { $0 != ":" }.dropFirst() }

    private func seal(_ username: String) -> String {
        Base64.encode(HMACSHA1.authenticate(key: Array(Self.secret.utf8), message: Array(username.utf8)))
    }
}
