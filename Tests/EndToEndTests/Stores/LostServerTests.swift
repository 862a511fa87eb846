import Foundation
import JSONWire
import RoomClient
import Testing

extension OnRealStores {
    /// One of two servers is killed and does not come back.
    @Suite struct LostServerTests {
        @Test func itsPeersGoOfflineOnTheOtherServer() async throws {
            let stores = try await TestStores()
            let servers = (0..<2).map { _ in stores.server(["SLEAP_ROOMS_PING_INTERVAL_S": "2"]) }
            let starter = try servers[0].bootstrap()
            for server in servers { try server.start() }
            try await withLoops { group in
                var settings = try servers[0].settings(.workerToken(try #require(starter.worker_token)), peer: "gpu")
                settings.role = "worker"
                let worker = RoomSession(settings, on: group.next())
                let watcher = try servers[1].session(starter, peer: "watcher", on: group.next())
                let log = try await WatchLog(watcher, presence: true)
                _ = try await watcher.query("list_models")
                _ = try await worker.publish(["id": "00000001", "name": "m"])
                try await eventually("the worker online") {
                    log.now.presence.last.map { $0 == ("gpu", true) } ?? false
                }
                servers[0].kill()
                // Two ping intervals are four seconds; a server's word counts for ten at least where pings are rare.
                try await eventually("the worker offline", within: 10) {
                    log.now.presence.last.map { $0 == ("gpu", false) } ?? false
                }
                let info = try await watcher.query("get_model_info", ["model_id": "00000001"])
                #expect(info["model"]?.objectValue?["available_on_workers"]?.arrayValue?.isEmpty == true)
                #expect(info["model"]?.objectValue?["copies"]?.arrayValue?.count == 1)
                await worker.close()
                await watcher.close()
            }
        }

        /// A door stands for the balancer: it leads to the one server, then to the other.
        @Test func itsClientsGoOnAtTheOtherServerWithoutGapOrRepeat() async throws {
            let stores = try await TestStores()
            let servers = [stores.server(), stores.server()]
            let starter = try servers[0].bootstrap()
            for server in servers { try server.start() }
            let ports = try servers.map { try #require(UInt16($0.address.split(separator: ":").last ?? "")) }
            let door = try Door(to: ports[0])
            try await withLoops { group in
                var settings = try ClientSettings(
                    url: "ws://127.0.0.1:\(door.port)/", credential: .jwt(starter.jwt, room: starter.room_id))
                settings.backoff.longest = .milliseconds(50)
                settings.peerID = "moving-watcher"
                let watcher = RoomSession(settings, on: group.next())
                settings.peerID = "moving-publisher"
                let publisher = RoomSession(settings, on: group.next())
                let log = try await WatchLog(watcher)
                _ = try await watcher.query("list_models")
                var revisions: [Int] = []
                for number in 1...200 {
                    if number == 100 {
                        servers[0].kill()
                        door.lead(to: ports[1])
                    }
                    let reply = try await publisher.publish([
                        "id": .string(String(format: "%08x", number)), "name": "m",
                    ])
                    revisions.append(try #require(reply["revision"]?.intValue))
                }
                try await eventually("the last change") { log.now.positions.last?.revision == 200 }
                let seen = log.now
                #expect(revisions == Array(1...200))
                // A snapshot may stand for the first changes.
                let first = try #require(seen.positions.first?.revision)
                #expect(first <= 2)
                #expect(seen.positions.map(\.revision) == Array(first...200))
                #expect(Set(seen.positions.map(\.epoch)).count == 1)
                #expect(seen.snapshots == 1)
                #expect(seen.models.count == 200)
                #expect(seen.fault == nil)
                await watcher.close()
                await publisher.close()
            }
        }
    }
}
