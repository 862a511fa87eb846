import EventLoops
import Foundation
import JSONWire
import RoomClient
import Synchronization
import Testing

/// Acknowledged means durable: proven by killing the server in the middle of everything.
@Suite struct KillTests {
    /// What publishers were told, by model.
    private final class Ledger: Sendable {
        struct Entry {
            let revision: Int
            let digest: String
        }

        private let entries = Mutex<[String: Entry]>([:])
        private let over = Atomic(false)

        var isOver: Bool { over.load(ordering: .relaxed) }
        func end() { over.store(true, ordering: .relaxed) }

        func note(_ reply: JSONObject, digest: String) throws {
            let id = try #require(reply["model"]?.objectValue?["id"]?.stringValue)
            let revision = try #require(reply["revision"]?.intValue)
            let standing = entries.withLock { $0.updateValue(Entry(revision: revision, digest: digest), forKey: id) }
            #expect(standing == nil, "model \(id) was acknowledged twice")
        }

        var acknowledged: [String: Entry] { entries.withLock { $0 } }
        var count: Int { entries.withLock { $0.count } }
    }

    @Test func killingTheServerLosesNoAcknowledgedPublish() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        let group = try EventLoopGroup.start(count: 1, label: "clients")
        let ledger = Ledger()
        try await withThrowingTaskGroup { tasks in
            for number in 0..<8 {
                let publisher = try Self.session(server, starter, peer: "publisher-\(number)", on: group.next())
                tasks.addTask { try await Self.publish(as: number, publisher, into: ledger) }
            }
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<20 {
                let before = ledger.count
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...250, using: &generator)))
                server.kill()
                try server.start()
                try await Self.waitUntil { ledger.count > before }
            }
            ledger.end()
            try await tasks.waitForAll()
        }
        try await Self.check(ledger, on: server, starter, group)
        group.stop()
    }

    @Test func killingTheServerLosesNoRoleNoPolicyAndNoInvitation() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        let guest = try server.bootstrap(user: "bob", worker: nil)
        try server.start()
        let room = "/api/rooms/\(starter.room_id)"
        let member = "\(room)/members/\(guest.user_id)"
        for (number, role) in ["viewer", "maintainer", "worker"].enumerated() {
            let policy: JSONObject = [
                "publish": "workers", "protected_aliases": [.string("p\(number)")], "move_protected_aliases": ["owner"],
            ]
            let groups: JSONObject = ["groups": [["group": .string("g\(number)"), "role": .string(role)]]]
            for (method, path, body) in [
                ("PATCH", member, ["role": .string(role)]), ("PUT", "\(room)/policy", policy),
                ("PUT", "\(room)/groups", groups),
            ] as [(String, String, JSONObject)] {
                #expect(try await server.ask(method, path, bearer: starter.jwt, body: body).status == 200)
            }
            let invitation = try await server.ask(
                "POST", "/api/auth/rooms/\(starter.room_id)/invite", bearer: starter.jwt,
                body: ["role": "viewer", "uses": 1])
            server.kill()
            try server.start()
            #expect(try await server.ask("GET", member, bearer: guest.jwt).body["role"] == .string(role))
            #expect(try await server.ask("GET", "\(room)/policy", bearer: guest.jwt).body == policy)
            #expect(try await server.ask("GET", "\(room)/groups", bearer: guest.jwt).body == groups)
            let other = try server.bootstrap(user: "guest-\(number)", room: "other-\(number)", worker: nil)
            let joined = try await server.ask(
                "POST", "/api/auth/rooms/join", bearer: other.jwt,
                body: ["invite_code": try #require(invitation.body["invite_code"])])
            #expect(joined.body["message"] == "Joined successfully")
        }
        _ = server.terminate()
    }

    private static func session(
        _ server: BuiltServer, _ starter: BuiltServer.Starter, peer: String, on loop: EventLoop
    ) throws -> RoomSession {
        var settings = try ClientSettings(
            url: server.ws, credential: .accountKey(starter.account_key, room: starter.room_id))
        settings.peerID = peer
        settings.backoff.first = .milliseconds(5)
        settings.backoff.longest = .milliseconds(50)
        return RoomSession(settings, on: loop)
    }

    /// Publishes at full speed, each model under a key of its own, until it is over.
    private static func publish(
        as number: Int, _ session: RoomSession, into ledger: Ledger
    ) async throws {
        var count = 0
        while !ledger.isOver {
            let id = String(format: "%02x%06x", number, count)
            let digest = String(repeating: id, count: 8)
            let reply = try await session.publish(
                ["id": .string(id), "digest": .string(digest), "name": .string("p\(number)")],
                idempotencyKey: "k-\(id)")
            try ledger.note(reply, digest: digest)
            count += 1
        }
        await session.close()
    }

    private static func waitUntil(_ isTrue: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while !isTrue() {
            try #require(ContinuousClock.now < deadline, "nothing was acknowledged after a restart")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Everything acknowledged is there, at the revision it was acknowledged with; no revision is missing or double.
    private static func check(
        _ ledger: Ledger, on server: BuiltServer, _ starter: BuiltServer.Starter, _ group: EventLoopGroup
    ) async throws {
        server.kill()
        try server.start()
        let reader = try session(server, starter, peer: "reader", on: group.next())
        var revisions: [Int: String] = [:]
        var after = 0
        while true {
            let page = try await reader.query("history", ["after_revision": .integer(after), "limit": 500])
            let changes = page["changes"]?.arrayValue?.compactMap(\.objectValue) ?? []
            for change in changes {
                let revision = try #require(change["revision"]?.intValue)
                #expect(revision == after + 1)
                after = revision
                revisions[revision] = try #require(change["model_id"]?.stringValue)
            }
            if changes.isEmpty { break }
        }
        let models = Set(revisions.values)
        #expect(models.count == revisions.count, "a retry was applied a second time")
        let acknowledged = ledger.acknowledged
        let missing = acknowledged.filter { revisions[$0.value.revision] != $0.key }
        #expect(missing.isEmpty, "\(missing.count) of \(acknowledged.count) acknowledged publishes are missing")
        #expect(acknowledged.count > 100)
        await reader.close()
        print("\(acknowledged.count) acknowledged, \(revisions.count) revisions, 0 missing")
    }
}
