import Foundation
import JSONWire
import RoomClient
import Testing

extension OnRealStores {
    /// `restore` beside running servers.
    @Suite struct SetBackTests {
        private func publish(_ number: Int, _ session: RoomSession) async throws -> JSONObject {
            try await session.publish(["id": .string(String(format: "%08x", number)), "name": "m"])
        }

        private func backedUpRevision(_ stores: TestStores, _ room: String) throws -> Int? {
            let run = try stores.command(["backup", "verify", "--json"])
            let rooms = try? JSONValue.parse(run.output, maxDepth: 16).objectValue?["rooms"]?.arrayValue
            return rooms?.compactMap(\.objectValue).first { $0["room"]?.stringValue == room }?["revision"]?.intValue
        }

        @Test func watchersOfAllServersBeginAnewWhenTheRoomIsSetBack() async throws {
            let stores = try await TestStores()
            let servers = [stores.server(), stores.server()]
            let starter = try servers[0].bootstrap()
            for server in servers { try server.start() }
            try await withLoops { group in
                let sessions = try servers.map { try $0.session(starter, on: group.next()) }
                var logs: [WatchLog] = []
                for session in sessions { logs.append(try await WatchLog(session)) }
                for number in 1...4 { _ = try await publish(number, sessions[number % 2]) }
                try await eventually("the watch") { logs.allSatisfy { $0.now.models.count == 4 } }
                try await eventually("the backup") { try backedUpRevision(stores, starter.room_id) == 4 }

                let run = try stores.command(["restore", "--room", starter.room_id, "--at-revision", "2", "--json"])
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.errors.isEmpty)
                let epoch = try #require(
                    try JSONValue.parse(run.output, maxDepth: 8).objectValue?["epoch"]?.stringValue)
                try await eventually("the snapshot of the new epoch") {
                    logs.allSatisfy { $0.now.models == ["00000001", "00000002"] }
                }
                let reply = try await publish(9, sessions[1])
                #expect(reply["epoch"]?.stringValue == epoch)
                #expect(reply["revision"]?.intValue == 3)
                try await eventually("the change in the new epoch") {
                    logs.allSatisfy { $0.now.positions.last == WatchPosition(epoch: epoch, revision: 3) }
                }
                #expect(logs.allSatisfy { $0.now.fault == nil })
                for session in sessions { await session.close() }
            }
        }

        @Test func aRoomIsSetBackWithoutRedisToo() async throws {
            let stores = try await TestStores()
            let server = stores.server()
            let starter = try server.bootstrap()
            try server.start()
            try await withLoops { group in
                let session = try server.session(starter, on: group.next())
                let log = try await WatchLog(session)
                for number in 1...3 { _ = try await publish(number, session) }
                try await eventually("the watch") { log.now.models.count == 3 }
                try await eventually("the backup") { try backedUpRevision(stores, starter.room_id) == 3 }
                stores.redis.kill()
                let run = try stores.command(["restore", "--room", starter.room_id, "--at-revision", "1"])
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.errors.contains("running servers could not be told"))
                try await eventually("the snapshot of the new epoch", within: 40) { log.now.models == ["00000001"] }
                await session.close()
            }
        }
    }
}
