import FoundationEssentials
import Glibc
import RoomCore
import RoomStorage
import Testing

@testable import PostgresStorage

extension PostgresTests {
    /// What can only be done to a server of the test's own.
    @Suite struct OwnServerTests {
        @Test func aServerThatFallsSilentIsNoticedAndComesBack() async throws {
            let server = try OwnServer()
            let database = try ScratchDatabase(on: server.url)
            var limits = smallLimits
            limits.silenceMilliseconds = 1_500
            limits.statementMilliseconds = 1_200
            limits.connectMilliseconds = 1_000
            let record = try await database.open(limits: limits)
            try await record.makeRooms(1)
            server.signal("STOP")
            let reading = Task { try await record.head(of: roomID(0)) }
            await #expect(throws: StoreError.self) { try await reading.value }
            #expect(await eventually { !record.state.isReachable })
            // Known to be away, it is not waited for.
            let start = ContinuousClock.now
            await #expect(throws: StoreError.self) { try await record.append(1) }
            #expect(ContinuousClock.now - start < .seconds(1))
            server.signal("CONT")
            #expect(await eventually { record.state.isReachable })
            #expect(await eventually { try await record.append(1) == .committed })
            await record.close()
        }

        @Test func aWrongPasswordIsSaidWithoutIt() async throws {
            let server = try OwnServer(authentication: "scram-sha-256")
            let wrong = "postgresql://postgres:wr0ng-w0rd@127.0.0.1:\(server.port)/postgres"
            let error = await #expect(throws: StoreError.self) {
                _ = try await PostgresRecord.open(url: wrong, moment: Timestamp(seconds: 1), sha256: standInDigest)
            }
            #expect(error?.description.contains("check role and password") == true)
            #expect(error?.description.contains("wr0ng-w0rd") == false)
        }

        @Test func largeAnswersComeWholeThroughTLS() async throws {
            let server = try OwnServer(hasTLS: true)
            let database = try ScratchDatabase(on: server.url)
            let record = try await database.open(url: database.url + "?sslmode=require")
            try await record.makeRooms(1)
            let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            for revision in 1...4 { #expect(try await record.append(revision, body: body) == .committed) }
            let answers = try await sideBySide(16) { _ in
                try await record.changes(of: roomID(0), after: .zero, limit: 10, subject: nil).map(\.body)
            }
            #expect(answers.allSatisfy { $0 == [body, body, body, body] })
            await record.close()
        }

        @Test func aRestartedServerIsFoundAgain() async throws {
            let server = try OwnServer()
            let database = try ScratchDatabase(on: server.url)
            let record = try await database.open()
            try await record.makeRooms(1)
            #expect(try await record.append(1) == .committed)
            var states = record.stateChanges().makeAsyncIterator()
            #expect(await states.next() == .reachable)
            try server.stop()
            let noticed = await states.next()
            #expect(noticed != .reachable)
            await #expect(throws: StoreError.self) { try await record.append(2) }
            try server.start()
            #expect(await states.next() == .reachable)
            #expect(await eventually { try await record.append(2) == .committed })
            await record.close()
        }
    }
}

/// A PostgreSQL server in a temporary folder, stopped and removed when the test lets go of it.
final class OwnServer: Sendable {
    let port: Int
    private let directory: String
    private let programs: String

    init(authentication: String = "trust", hasTLS: Bool = false) throws {
        directory = "/tmp/own-postgres-\(UInt32.random(in: .min ... .max))"
        programs = try Self.output("pg_config --bindir")
        port = try Self.freePort()
        let owner = getuid() == 0 ? "chown nobody \(directory)" : "true"
        try Self.shell("mkdir \(directory) && \(owner) && echo right > \(directory)/password")
        try Self.shell(
            "\(user)\(programs)/initdb -D \(directory)/data -U postgres -A \(authentication) -N --no-instructions "
                + "--pwfile=\(directory)/password")
        if hasTLS { try makeCertificate() }
        try start()
    }

    private func makeCertificate() throws {
        let files = "-keyout \(directory)/data/server.key -out \(directory)/data/server.crt"
        try Self.shell("\(user)openssl req -new -x509 -days 2 -nodes -subj /CN=localhost \(files)")
        try Self.shell("\(user)chmod 600 \(directory)/data/server.key")
        try Self.shell("echo ssl=on >> \(directory)/data/postgresql.conf")
    }

    deinit {
        signal("CONT")
        try? stop()
        try? Self.shell("rm -rf \(directory)")
    }

    var url: String { "postgresql://postgres:right@127.0.0.1:\(port)/postgres" }

    func start() throws {
        try Self.shell(
            "\(user)\(programs)/pg_ctl -D \(directory)/data -w -l \(directory)/data/log "
                + "-o '-p \(port) -h 127.0.0.1 -k \(directory) -c fsync=off' start")
    }

    func stop() throws { try Self.shell("\(user)\(programs)/pg_ctl -D \(directory)/data -m immediate stop") }

    /// To the server and all its processes.
    func signal(_ name: String) {
        try? Self.shell("pid=$(head -1 \(directory)/data/postmaster.pid); kill -\(name) $pid $(pgrep -P $pid)")
    }

    /// PostgreSQL's programs do not run as root.
    private var user: String { getuid() == 0 ? "runuser -u nobody -- " : "" }

    /// Below the range that outgoing connections are given theirs from, and nobody's at this moment.
    private static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 11_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if bound == 0 { return port }
        }
        throw StoreError.unavailable("no free port was found")
    }

    private static func shell(_ command: String) throws {
        try #require(system("{ \(command); } >/dev/null 2>&1 </dev/null") == 0, "\(command)")
    }

    private static func output(_ command: String) throws -> String {
        let pipe = try #require(popen(command, "r"))
        defer { pclose(pipe) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&bytes, 1, bytes.count, pipe)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
            .split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }
}
