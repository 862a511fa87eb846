import RoomCore
import RoomStorage
import Synchronization
import Testing

@testable import RedisStorage
@testable import StorageConformance

/// What holds when Redis goes and comes.
@Suite(.serialized, .enabled(if: RedisServer.isInstalled)) struct OutageTests {
    private let epoch = Epoch(trusted: "e1")
    private let here = ServerID("here")
    private let there = ServerID("there")
    private let room = RoomID(trusted: "room")

    @Test func afterAKillEveryListenerHearsItAndAllWorksAgain() async throws {
        let server = try await RedisServer()
        let rooms = try await RedisLiveRooms.open(server)
        let (inbox, other) = (Inbox(), Inbox())
        let listeners = [
            await rooms.listen(as: here, hear: inbox.hear), await rooms.listen(as: there, hear: other.hear),
        ]
        await rooms.follow(room, as: there)
        rooms.store(LiveManifest(room: room, epoch: epoch, revision: .zero, fields: []))
        #expect(await rooms.manifest(of: room) != nil)
        server.kill()
        #expect(await rooms.becomes { !$0.isReachable })
        #expect(!(await isDelivered(frame(1), by: rooms)))
        #expect(await rooms.manifest(of: room) == nil)
        #expect(await rooms.presence(in: room) == nil)
        #expect(await rooms.servers() == nil)
        rooms.announce(commit(1))
        await rooms.follow(RoomID(trusted: "second"), as: there)
        try await server.start()
        #expect(await inbox.hears(.interrupted))
        #expect(await other.hears(.interrupted))
        #expect(rooms.state == .reachable)
        rooms.announce(commit(2))
        #expect(await inbox.hears(.outOfStep(room)))
        #expect(await other.hears(.committed(commit(2).notice)))
        #expect(await isDelivered(frame(2), by: rooms))
        #expect(await other.hears(.frame(frame(2))))
        #expect(inbox.all.count { $0 == .interrupted } == 1)
        #expect(rooms.counters.reconnects >= 2)
        for listener in listeners { listener.cancel() }
    }

    @Test func aServerThatFallsSilentIsLeftAndTakenUpAgain() async throws {
        let server = try await RedisServer()
        let rooms = try await RedisLiveRooms.open(server)
        let inbox = Inbox()
        let listener = await rooms.listen(as: there, hear: inbox.hear)
        server.pause()
        #expect(!(await isDelivered(frame(1), by: rooms)))
        #expect(await rooms.becomes { !$0.isReachable })
        if case .away(let reason) = rooms.state { #expect(reason.contains("does not answer")) }
        server.resume()
        #expect(await inbox.hears(.interrupted))
        #expect(await isDelivered(frame(2), by: rooms))
        listener.cancel()
    }

    @Test func anIdleServerThatFallsSilentIsNoticedToo() async throws {
        let server = try await RedisServer()
        let rooms = try await RedisLiveRooms.open(server)
        server.pause()
        #expect(await rooms.becomes { !$0.isReachable })
        server.resume()
        #expect(await rooms.becomes(\.isReachable))
    }

    @Test func aRedisThatIsAwayAtTheStartIsTakenUpWhenItComes() async throws {
        let port = freePort()
        let states = Mutex<[StoreState]>([])
        let rooms = await RedisLiveRooms.open(
            url: try RedisURL("redis://127.0.0.1:\(port)"), settings: RedisSettings()
        ) { state in states.withLock { $0.append(state) } }
        #expect(!rooms.state.isReachable)
        let inbox = Inbox()
        let listener = await rooms.listen(as: there, hear: inbox.hear)
        await rooms.follow(room, as: there)
        let server = try await RedisServer(port: port)
        #expect(await inbox.hears(.interrupted))
        rooms.announce(commit(1))
        #expect(await inbox.hears(.committed(commit(1).notice)))
        #expect(states.withLock { $0.last } == .reachable)
        listener.cancel()
        server.kill()
    }

    @Test func anEmptiedRedisIsNoticed() async throws {
        let server = try await RedisServer()
        let rooms = try await RedisLiveRooms.open(server)
        let second = try await RedisLiveRooms.open(server)
        let (inbox, other) = (Inbox(), Inbox())
        let listeners = [
            await rooms.listen(as: here, hear: inbox.hear), await second.listen(as: there, hear: other.hear),
        ]
        // Both have seen the mark before it goes.
        try await Task.sleep(for: .milliseconds(1_500))
        _ = await rooms.command("FLUSHALL")
        #expect(await inbox.hears(.interrupted))
        #expect(await other.hears(.interrupted))
        for listener in listeners { listener.cancel() }
    }

    @Test func anEmptiedRedisNeverForksARoom() async throws {
        let server = try await RedisServer()
        let (first, second) = (try await RedisLiveRooms.open(server), try await RedisLiveRooms.open(server))
        first.store(LiveManifest(room: room, epoch: epoch, revision: .zero, fields: []))
        #expect(await first.manifest(of: room) != nil)
        await withTaskGroup(of: Void.self) { group in
            for (view, name) in [(first, here), (second, there)] {
                group.addTask {
                    for revision in 1...300 {
                        view.announce(commit(revision, from: name))
                        if revision % 50 == 0 {
                            view.store(LiveManifest(room: room, epoch: epoch, revision: Revision(revision), fields: []))
                            _ = await view.servers()
                        }
                        if revision == 120, name == here { _ = await view.command("FLUSHALL") }
                    }
                }
            }
        }
        let manifest = try #require(await first.manifest(of: room))
        #expect(manifest.revision == Revision(300))
        for revision in 250...300 {
            let changes = await first.changes(of: room, after: Revision(revision), in: epoch)
            #expect(changes == nil || changes == (revision..<300).map { [UInt8($0 % 256)] })
        }
    }

    @Test func aFullRedisIsAStateWithARemedyAndTheWordGoesOn() async throws {
        let server = try await RedisServer(["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"])
        let rooms = try await RedisLiveRooms.open(server)
        let (inbox, other) = (Inbox(), Inbox())
        let listeners = [
            await rooms.listen(as: here, hear: inbox.hear), await rooms.listen(as: there, hear: other.hear),
        ]
        await rooms.follow(room, as: there)
        rooms.store(LiveManifest(room: room, epoch: epoch, revision: .zero, fields: []))
        for size in [100_000, 10_000, 1_000, 100] {
            let filling = String(repeating: "x", count: size)
            for number in 0..<1_000 {
                if await rooms.command("SET", "filler-\(size)-\(number)", filling).contains("OOM") { break }
            }
        }
        #expect(await rooms.becomes { $0 == .away("\(RedisFault.refused("OOM"))") })
        rooms.announce(commit(1))
        #expect(await other.hears(.committed(commit(1).notice)))
        #expect(await inbox.hears(.outOfStep(room)))
        #expect(await isDelivered(frame(1), by: rooms))
        await #expect(throws: StoreError.self) {
            try await RedisHandovers(in: rooms).put([1], at: HandoverKey(kind: "k", name: "n"), for: .seconds(9))
        }
        _ = await rooms.command("CONFIG", "SET", "maxmemory", "0")
        #expect(await rooms.becomes(\.isReachable))
        #expect(await inbox.hears(.interrupted))
        for listener in listeners { listener.cancel() }
    }

    @Test func aMasterThatBecameAReplicaIsLeft() async throws {
        let (server, other) = (try await RedisServer(), try await RedisServer())
        let rooms = try await RedisLiveRooms.open(server)
        _ = await rooms.command("REPLICAOF", "127.0.0.1", "\(other.port)")
        rooms.store(LiveManifest(room: room, epoch: epoch, revision: .zero, fields: []))
        #expect(await rooms.becomes { !$0.isReachable })
        #expect(
            await rooms.becomes {
                $0 == .away("\(RedisFault.notMaster(RedisEndpoint(host: "127.0.0.1", port: server.port)))")
            })
    }

    @Test func junkOnTheBusIsCountedAndNothingElse() async throws {
        let server = try await RedisServer()
        let rooms = try await RedisLiveRooms.open(server)
        let inbox = Inbox()
        let listener = await rooms.listen(as: there, hear: inbox.hear)
        await rooms.follow(room, as: there)
        let channels = ["rooms:all", "rooms:server:there", "rooms:room:room"]
        for channel in channels {
            for junk in [
                "", "R", "hello", "R\u{1}\u{4}\u{0}\u{0}\u{0}\u{7f}", String(repeating: "R\u{1}\u{1}", count: 9_999),
            ] {
                _ = await rooms.command("PUBLISH", channel, junk)
            }
        }
        // Well-formed, on a channel it does not belong to.
        rooms.broadcast([1], from: here)
        var misplaced: [UInt8] = []
        Envelope.append(frame(1), to: &misplaced)
        _ = await rooms.command("PUBLISH", "rooms:room:room", String(decoding: misplaced, as: UTF8.self))
        #expect(await isDelivered(frame(2), by: rooms))
        #expect(await inbox.hears(.frame(frame(2))))
        #expect(inbox.all == [.order([1]), .frame(frame(2))])
        #expect(rooms.counters.junkHeard == 16)
        listener.cancel()
    }

    @Test func foreignKeysInOurPlacesDoNotStopTheWord() async throws {
        let server = try await RedisServer()
        let rooms = try await RedisLiveRooms.open(server)
        let inbox = Inbox()
        let listener = await rooms.listen(as: there, hear: inbox.hear)
        await rooms.follow(room, as: there)
        _ = await rooms.command("SET", "rooms:{room}:manifest", "junk")
        _ = await rooms.command("HSET", "rooms:{room}:peers", "p", "junk")
        #expect(await rooms.manifest(of: room) == nil)
        #expect(await rooms.presence(in: room) == [])
        rooms.announce(commit(1))
        #expect(await inbox.hears(.committed(commit(1).notice)))
        listener.cancel()
    }

    @Test func whatIsToldAfterTheScriptsWereLostIsToldInOrder() async throws {
        let server = try await RedisServer()
        let rooms = try await RedisLiveRooms.open(server)
        let inbox = Inbox()
        let listener = await rooms.listen(as: there, hear: inbox.hear)
        await rooms.follow(room, as: there)
        rooms.store(LiveManifest(room: room, epoch: epoch, revision: .zero, fields: []))
        for revision in 1...50 { rooms.announce(commit(revision)) }
        _ = await rooms.command("SCRIPT", "FLUSH")
        for revision in 51...100 { rooms.announce(commit(revision)) }
        #expect(await inbox.wait { $0.count >= 100 } == (1...100).map { .committed(commit($0).notice) })
        #expect(await rooms.manifest(of: room)?.revision == Revision(100))
        listener.cancel()
    }

    @Test func aReaderThatIsTooSlowForWhatIsAskedIsLeft() async throws {
        let server = try await RedisServer()
        var settings = RedisSettings()
        settings.unansweredLimit = 1_000_000
        let rooms = await RedisLiveRooms.open(url: try server.url, settings: settings)
        let inbox = Inbox()
        let listener = await rooms.listen(as: here, hear: inbox.hear)
        server.pause()
        for _ in 0..<20 { rooms.broadcast([UInt8](repeating: 1, count: 100_000), from: here) }
        #expect(await rooms.becomes { !$0.isReachable })
        server.resume()
        #expect(await inbox.hears(.interrupted))
        listener.cancel()
    }

    private func commit(_ revision: Int, from server: ServerID? = nil) -> LiveCommit {
        let notice = RoomNotice(
            server: server ?? here, room: room, epoch: epoch, base: Revision(revision - 1),
            revision: Revision(revision), changes: [[UInt8((revision - 1) % 256)]])
        return LiveCommit(notice: notice, fields: [LiveField(name: "r\(revision)", value: [1])])
    }

    private func frame(_ number: UInt8) -> RoutedFrame {
        RoutedFrame(server: there, room: room, peer: PeerID(trusted: "p"), session: "s", text: [number])
    }
}
