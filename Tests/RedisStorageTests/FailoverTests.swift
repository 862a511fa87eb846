import Glibc
import RoomCore
import RoomStorage
import Testing

@testable import RedisStorage
@testable import StorageConformance

@Suite(.serialized, .enabled(if: RedisServer.isInstalled)) struct FailoverTests {
    @Test func theMasterThatSentinelsChooseIsFollowed() async throws {
        let master = try await RedisServer()
        let replica = try await RedisServer(["--replicaof", "127.0.0.1", "\(master.port)"])
        let path = "/tmp/rooms-sentinel-\(freePort())-\(getpid()).conf"
        defer { unlink(path) }
        try write(
            """
            sentinel monitor main 127.0.0.1 \(master.port) 1
            sentinel down-after-milliseconds main 1000
            sentinel failover-timeout main 3000

            """, to: path)
        let sentinel = try await RedisServer([path, "--sentinel"])
        let url = try RedisURL("redis+sentinel://127.0.0.1:\(freePort()),127.0.0.1:\(sentinel.port)/main")
        let rooms = await RedisLiveRooms.open(url: url, settings: RedisSettings())
        try #require(rooms.state == .reachable)
        let inbox = Inbox()
        let listener = await rooms.listen(as: ServerID("there"), hear: inbox.hear)
        // The sentinel asks the master for its replicas every ten seconds, and can only choose among those it knows.
        let watcher = await RedisLiveRooms.open(url: try master.url, settings: RedisSettings())
        for _ in 0..<300 where !(await watcher.command("INFO", "replication").contains("connected_slaves:1")) {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await Task.sleep(for: .seconds(11))
        await watcher.close()
        master.kill()
        #expect(await rooms.becomes { !$0.isReachable })
        for _ in 0..<3 where !rooms.state.isReachable { _ = await rooms.becomes(\.isReachable) }
        #expect(rooms.state == .reachable)
        #expect(await inbox.hears(.interrupted))
        let found = try await RedisProbe.probe(url: url, settings: RedisSettings())
        #expect(found.hasSuffix(":\(replica.port)"))
        let frame = RoutedFrame(
            server: ServerID("there"), room: RoomID(trusted: "r"), peer: PeerID(trusted: "p"), session: "s", text: [1])
        #expect(await isDelivered(frame, by: rooms))
        listener.cancel()
    }

    @Test func aServiceNoSentinelKnowsIsNamed() async throws {
        let path = "/tmp/rooms-sentinel-\(freePort())-\(getpid()).conf"
        defer { unlink(path) }
        try write("", to: path)
        let sentinel = try await RedisServer([path, "--sentinel"])
        let url = try RedisURL("redis+sentinel://127.0.0.1:\(sentinel.port)/nobody")
        await #expect(
            throws: RedisFault.noMaster(
                service: "nobody", reason: "Redis answered: the sentinel knows no service nobody")
        ) {
            try await RedisProbe.probe(url: url, settings: RedisSettings())
        }
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }
}
