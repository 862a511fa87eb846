import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// A full disk stops writing and nothing else.
@Suite struct FullDiskTests {
    @Test(.enabled(if: getuid() == 0, "mounting a small disk needs root"))
    func aFullDiskRefusesWritesAndRecoversWhenSpaceReturns() async throws {
        let disk = try SmallDisk(megabytes: 4)
        let server = BuiltServer(data: disk.path + "/data")
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let connection = try await RoomConnection.open(
                try server.settings(.jwt(starter.jwt, room: starter.room_id), peer: "publisher"), on: group.next())
            let other = try await RoomConnection.open(
                try server.settings(.jwt(starter.jwt, room: starter.room_id), peer: "other"), on: group.next())
            try disk.fill()
            var written = 0
            let refusal = try await Self.publishUntilRefused(connection, &written)
            #expect(refusal == "UNAVAILABLE")
            let list = try await connection.request("registry_query", ["command": "list_models", "limit": 1])
            #expect(list["count"]?.intValue == written)
            await connection.send([
                "type": "peer_message", "from_peer_id": "publisher", "to_peer_id": "other", "payload": ["n": 1],
            ])
            var messages = other.messages.makeAsyncIterator()
            #expect(await messages.next()?["payload"]?.objectValue?["n"] == 1)
            try await eventually("degraded") {
                try await server.ask("GET", "/readyz").body["status"] == "degraded"
            }

            try disk.free()
            try await eventually("writing again") {
                let reply = try? await connection.request("registry_publish", ["model": ["id": "ffffffff"]])
                return reply != nil
            }
            try await eventually("ready again") { try await server.ask("GET", "/readyz").body["status"] == "ready" }
        }
        server.kill()
    }

    /// Publishes large entries until one is refused, and gives the code.
    private static func publishUntilRefused(
        _ connection: RoomConnection, _ written: inout Int
    ) async throws -> String? {
        let notes = JSONValue.string(String(repeating: "n", count: 4000))
        for number in 0..<5000 {
            do {
                let model: JSONObject = ["id": .string(String(format: "%08x", number)), "notes": notes]
                _ = try await connection.request("registry_publish", ["model": .object(model)])
                written += 1
            } catch ClientFault.refused(let code, _, _, _) {
                return code
            }
        }
        return nil
    }
}

/// A disk of a few megabytes in memory.
private final class SmallDisk {
    let path: String
    private let directory = TemporaryDirectory()

    init(megabytes: Int) throws {
        path = directory.path("disk")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try #require(mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0, "no tmpfs: errno \(errno)")
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Leaves a few hundred kilobytes.
    func fill() throws {
        var facts = statvfs()
        try #require(statvfs(path, &facts) == 0)
        let free = Int(facts.f_bavail) * Int(facts.f_frsize)
        try Data(count: max(0, free - 300_000)).write(to: URL(filePath: path + "/ballast"))
    }

    func free() throws { try FileManager.default.removeItem(atPath: path + "/ballast") }
}
