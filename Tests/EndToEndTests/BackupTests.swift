import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// A lost record comes back from the bucket.
@Suite struct BackupTests {
    private func publish(_ numbers: ClosedRange<Int>, on server: BuiltServer, _ starter: BuiltServer.Starter)
        async throws
    {
        try await withLoops { group in
            let session = try server.session(starter, peer: "publisher", on: group.next())
            for number in numbers {
                _ = try await session.publish(
                    ["id": .string(String(format: "%08x", number)), "name": "m"], idempotencyKey: "k-\(number)")
            }
            await session.close()
        }
    }

    private func models(of server: BuiltServer, _ starter: BuiltServer.Starter) async throws -> Int? {
        try await withLoops { group in
            let session = try server.session(starter, peer: "reader", on: group.next())
            let list = try await session.query("list_models", ["limit": 100])
            await session.close()
            return list["count"]?.intValue
        }
    }

    private func wipeRecord(of server: BuiltServer) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: server.data)
        where name.hasPrefix("record.sqlite") {
            try FileManager.default.removeItem(atPath: "\(server.data)/\(name)")
        }
    }

    private func command(_ server: BuiltServer, _ arguments: [String]) throws -> Command {
        try Command.run(BuiltServer.binary, arguments + ["--data", server.data])
    }

    /// Everything published so far, as the bucket has it.
    private func newestRevision(in server: BuiltServer, _ starter: BuiltServer.Starter) throws -> Int? {
        let run = try command(server, ["backup", "verify", "--json"])
        guard let object = try? JSONValue.parse(run.output, maxDepth: 16).objectValue else { return nil }
        let rooms = object["rooms"]?.arrayValue?.compactMap(\.objectValue) ?? []
        return rooms.first { $0["room"]?.stringValue == starter.room_id }?["revision"]?.intValue
    }

    @Test func aKilledServerWithoutItsRecordComesBackFromItsBackup() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await publish(1...5, on: server, starter)
        try await eventually("the backup") { try newestRevision(in: server, starter) == 5 }
        server.kill()
        try wipeRecord(of: server)
        try server.start()
        #expect(server.log.contains("restoring all rooms"))
        #expect(try await models(of: server, starter) == 5)
        try await publish(6...6, on: server, starter)
        #expect(try await models(of: server, starter) == 6)
    }

    @Test func aServerThatIsAskedToEndLeavesNothingBehind() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await publish(1...7, on: server, starter)
        #expect(server.terminate() == 0)
        try wipeRecord(of: server)
        try server.start()
        #expect(try await models(of: server, starter) == 7)
    }

    @Test func aRoomIsSetBackByTheCommand() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await publish(1...4, on: server, starter)
        #expect(server.terminate() == 0)
        let dry = try command(server, ["restore", "--room", starter.room_id, "--at-revision", "2", "--dry-run"])
        #expect(dry.status == 0)
        let run = try command(server, ["restore", "--room", starter.room_id, "--at-revision", "2", "--json"])
        #expect(run.status == 0)
        #expect(try JSONValue.parse(run.output, maxDepth: 8).objectValue?["models"] == 2)
        let gone = try command(server, ["restore", "--room", starter.room_id, "--at-revision", "99"])
        #expect(gone.status == 1)
        #expect(gone.errors.contains("revision 99"))
        try server.start()
        #expect(try await models(of: server, starter) == 2)
        #expect(try command(server, ["restore", "--at-revision", "2"]).status == 64)
    }

    @Test func verifyingTellsWhatIsDamaged() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await publish(1...3, on: server, starter)
        #expect(server.terminate() == 0)
        let whole = try command(server, ["backup", "verify", "--json"])
        #expect(whole.status == 0)
        #expect(whole.output.contains(#""ok":true"#))
        let folder = "\(server.data)/blobs/rooms/\(starter.room_id)"
        let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let snapshot = try #require(found.filter { $0.contains("/snapshots/") && $0.hasSuffix("@") }.max())
        try Data([1, 2, 3]).write(to: URL(filePath: "\(folder)/\(snapshot)"))
        let damaged = try command(server, ["backup", "verify"])
        #expect(damaged.status == 1)
        #expect(damaged.output.contains("damaged"))
        try wipeRecord(of: server)
        try server.start()
        #expect(try await models(of: server, starter) == 3)
    }

    @Test func theAgeOfTheBackupIsAMetric() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await publish(1...1, on: server, starter)
        try await eventually("the backup") {
            let request = try #require(URL(string: server.http + "/metrics"))
            let text = String(decoding: try Data(contentsOf: request), as: UTF8.self)
            return text.contains("sleap_rooms_backup_age_seconds 0\n")
        }
    }

    private func readiness(of server: BuiltServer) throws -> (status: String?, blobs: String?) {
        let address = try #require(URL(string: server.http + "/readyz"))
        let object = try JSONValue.parse([UInt8](Data(contentsOf: address)), maxDepth: 8).objectValue
        return (object?["status"]?.stringValue, object?["checks"]?.objectValue?["blobs"]?.stringValue)
    }

    @Test func aBackupThatFailsShowsAndHeals() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await publish(1...1, on: server, starter)
        try await eventually("the backup") { try newestRevision(in: server, starter) == 1 }
        #expect(try readiness(of: server) == ("ready", "ok"))
        // A file stands where the rooms' folder belongs: nothing can be written below it.
        let (rooms, aside) = ("\(server.data)/blobs/rooms", "\(server.data)/blobs/aside")
        try FileManager.default.moveItem(atPath: rooms, toPath: aside)
        #expect(FileManager.default.createFile(atPath: rooms, contents: Data([1])))
        try await publish(2...2, on: server, starter)
        try await eventually("a degraded server") { try readiness(of: server) == ("degraded", "unavailable") }
        try FileManager.default.removeItem(atPath: rooms)
        try FileManager.default.moveItem(atPath: aside, toPath: rooms)
        try await eventually("a server that is ready again") { try readiness(of: server) == ("ready", "ok") }
        #expect(try newestRevision(in: server, starter) == 2)
    }
}
