import Foundation
import JSONWire
import RoomClient
import Testing

extension OnRealStores {
    /// A store goes away under running servers and comes back: each outage is seen in `/readyz`, in a metric and in one
    /// line of the log, takes only what needs that store, and heals by itself.
    @Suite struct OutageTests {
        /// Two servers with a session on each and a watcher on the second.
        private struct Bench {
            let stores: TestStores
            let servers: [BuiltServer]
            let sessions: [RoomSession]
            let log: WatchLog

            func publish(_ number: Int, on server: Int = 0) async throws {
                _ = try await sessions[server].publish(["id": .string(String(format: "%08x", number)), "name": "m"])
            }

            func expectOutage(of store: String, _ cause: String) async throws {
                for server in servers {
                    try await eventually("the outage of \(store)", within: 60) {
                        guard let ready = await server.readiness() else { return false }
                        return ready.isServing && ready.status == "degraded" && ready.checks[store] == "unavailable"
                    }
                    #expect(try await server.metric("\(store)_up") == 0)
                    #expect(server.logLines(with: "a store is away", "store=\(store)", cause) == 1, "\(server.log)")
                }
            }

            func expectReturn(of store: String) async throws {
                for server in servers {
                    try await eventually("the return of \(store)", within: 60) {
                        await server.readiness()?.status == "ready"
                    }
                    #expect(try await server.metric("\(store)_up") == 1)
                    #expect(server.logLines(with: "a store is back", "store=\(store)") == 1)
                }
            }

            /// What is published on the first server is seen by the watcher on the second.
            func expectWord(of number: Int) async throws {
                try await publish(number)
                try await eventually("word of model \(number)", within: 40) {
                    log.now.models.contains(String(format: "%08x", number))
                }
                #expect(log.now.fault == nil)
            }
        }

        private func withBench(_ body: (Bench) async throws -> Void) async throws {
            let stores = try await TestStores()
            let servers = [stores.server(), stores.server()]
            let starter = try servers[0].bootstrap()
            for server in servers { try server.start() }
            try await withLoops { group in
                let sessions = try servers.enumerated().map { index, server in
                    try server.session(starter, peer: "peer-\(index)", on: group.next())
                }
                let bench = Bench(
                    stores: stores, servers: servers, sessions: sessions, log: try await WatchLog(sessions[1]))
                try await bench.expectWord(of: 1)
                try await body(bench)
                for session in sessions { await session.close() }
            }
        }

        @Test func withoutRedisWritesAndWatchingGoOn() async throws {
            try await withBench { bench in
                bench.stores.redis.kill()
                try await bench.expectOutage(of: "live", "cannot be reached")
                try await bench.expectWord(of: 2)
                try bench.stores.redis.start()
                try await bench.expectReturn(of: "live")
                try await bench.expectWord(of: 3)
            }
        }

        @Test func anEmptiedRedisIsNoticedAndFilledAgain() async throws {
            try await withBench { bench in
                try await eventually("a calm bus") { try bench.stores.redis.ask("DBSIZE").hasPrefix("0") == false }
                let before = try await bench.servers[0].metric("live_interruptions_total") ?? 0
                try bench.stores.redis.ask("FLUSHALL")
                try await eventually("the loss") {
                    try await bench.servers[0].metric("live_interruptions_total") ?? 0 > before
                }
                #expect(bench.servers[0].logLines(with: "word between servers was lost") > 0)
                try await eventually("the live rooms") { try bench.stores.redis.ask("DBSIZE").hasPrefix("0") == false }
                try await bench.expectWord(of: 2)
                #expect(await bench.servers[0].readiness()?.status == "ready")
            }
        }

        @Test func aFullRedisKeepsNobodyFromWritingAndHearing() async throws {
            try await withBench { bench in
                try bench.stores.redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
                try bench.stores.redis.ask("CONFIG", "SET", "maxmemory", "1")
                try await bench.expectWord(of: 2)
                try await bench.expectOutage(of: "live", "raise maxmemory")
                try await bench.expectWord(of: 3)
                try bench.stores.redis.ask("CONFIG", "SET", "maxmemory", "0")
                try await bench.expectReturn(of: "live")
                try await bench.expectWord(of: 4)
            }
        }

        @Test func withoutPostgreSQLReadsAndSignalingGoOnAndWritesAreRefused() async throws {
            try await withBench { bench in
                let here = try await bench.sessions[0].connected()
                let there = try await bench.sessions[1].connected()
                bench.stores.toPostgres.shut()
                try await bench.expectOutage(of: "record", "no connection to the database")
                let refused = await #expect(throws: ClientFault.self) {
                    _ = try await here.request("registry_publish", ["model": ["id": "00000002", "name": "m"]])
                }
                #expect("\(try #require(refused))".contains("UNAVAILABLE"))
                let list = try await here.request("registry_query", ["command": "list_models"])
                #expect(list["count"]?.intValue == 1)
                await here.send([
                    "type": "peer_message", "from_peer_id": "peer-0", "to_peer_id": "peer-1", "payload": "still here",
                ])
                let info = try await there.request(
                    "registry_query", ["command": "get_model_info", "model_id": "00000001"])
                #expect(info["model"] != nil)
                #expect(try await bench.servers[0].metric("writes_unavailable_total") ?? 0 > 0)
                try await eventually("the frame") {
                    try await bench.servers[1].metric("frames_relayed_total") == 1
                }
                try bench.stores.toPostgres.open()
                try await bench.expectReturn(of: "record")
                try await bench.expectWord(of: 3)
            }
        }

        @Test func withoutTheBucketTheAgeOfTheBackupGrowsAndNothingElseIsHeldUp() async throws {
            try await withBench { bench in
                bench.stores.toS3.shut()
                try await bench.expectWord(of: 2)
                try await bench.expectOutage(of: "blobs", "S3")
                try await eventually("an alarm", within: 60) {
                    try await bench.servers[0].metric("backup_age_seconds") ?? 0 > 2
                }
                try bench.stores.toS3.open()
                try await bench.expectReturn(of: "blobs")
                try await eventually("the backup", within: 60) {
                    try await bench.servers[0].metric("backup_age_seconds") == 0
                }
            }
        }
    }
}
