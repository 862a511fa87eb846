import EventLoops
import Foundation
import JSONWire
import RoomClient
import ServerAssembly
import Testing

extension OnRealStores {
    /// Two servers behind the proxy of `deploy/haproxy.cfg`, with its addresses put in place.
    @Suite struct ProxyTests {
        private static let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../deploy/haproxy.cfg")

        private func start(
            _ stores: TestStores, before servers: [BuiltServer]
        ) throws -> (proxy: Child, port: UInt16) {
            let (rooms, files) = (Loopback.freePort(), Loopback.freePort())
            var text = try String(contentsOf: Self.file, encoding: .utf8)
            for (index, server) in servers.enumerated() {
                text = text.replacing(" room-server-\(index + 1):8080", with: " \(server.address)")
            }
            text = text.replacing("bind :8080", with: "bind 127.0.0.1:\(rooms)")
                .replacing("bind :9000", with: "bind 127.0.0.1:\(files)")
                .replacing(" s3:9000", with: " 127.0.0.1:\(stores.toS3.port)")
            let path = stores.files.path("haproxy.cfg")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let proxy = try Child(
                "/usr/bin/env", ["PATH=/usr/sbin:/usr/bin:/bin", "haproxy", "-db", "-f", path], files: stores.files)
            let answers = proxy.wait(upTo: 20) { Loopback.answers(rooms) || proxy.status != nil }
            try #require(answers && proxy.status == nil, "haproxy did not start: \(proxy.errors)")
            return (proxy, rooms)
        }

        @Test func peersOfBothServersMeetBehindTheProxyAndMoveWhenOneIsDrained() async throws {
            let stores = try await TestStores()
            let servers = [stores.server(), stores.server()]
            let starter = try servers[0].bootstrap()
            for server in servers { try server.start() }
            let (proxy, port) = try start(stores, before: servers)
            try await withLoops { group in
                let sessions = try (0..<4).map { number in
                    var settings = try ClientSettings(
                        url: "ws://127.0.0.1:\(port)/", credential: .jwt(starter.jwt, room: starter.room_id))
                    settings.peerID = "peer-\(number)"
                    settings.backoff.longest = .milliseconds(50)
                    return RoomSession(settings, on: group.next())
                }
                var logs: [WatchLog] = []
                for session in sessions {
                    logs.append(try await WatchLog(session))
                    _ = try await session.query("list_models")
                }
                for server in servers { #expect(try await server.metric("websockets_open") == 2, "\(proxy.errors)") }
                for number in 1...20 {
                    if number == 10 { #expect(servers[0].terminate() == 0) }
                    _ = try await sessions[number % 4].publish(["id": .string("000000\(number + 10)"), "name": "m"])
                }
                try await eventually("the last change everywhere") {
                    logs.allSatisfy { $0.now.positions.last?.revision == 20 }
                }
                #expect(logs.allSatisfy { $0.now.fault == nil && $0.now.models.count == 20 })
                #expect(try await servers[1].metric("websockets_open") == 4)
                for session in sessions { await session.close() }
            }
            _ = proxy.end(SIGKILL)
        }

        /// A ping in time keeps a socket open that nothing else is sent on.
        @Test func theProxyWaitsLongerThanTwoPings() throws {
            let text = try String(contentsOf: Self.file, encoding: .utf8)
            let tunnel = try #require(text.firstMatch(of: /timeout tunnel (\d+)s/).flatMap { Int($0.output.1) })
            let ping = try #require(
                ConfigurationReader.numericDefaults.first { $0.key == "SLEAP_ROOMS_PING_INTERVAL_S" })
            #expect(tunnel > 2 * ping.value)
        }
    }
}
