import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// Peers of one room that sit on two servers.
@Suite struct AcrossServersTests {
    /// Two services at work on one record and one bus; ann owns the room.
    final class Pair: Sendable {
        let one: Service
        let two: Service
        let ann: Starter
        private let turning: [Task<Void, Never>]

        init() async throws {
            one = try await Service()
            ann = try await one.starter()
            two = try await Service(sharing: one, server: "two")
            let services = [one, two]
            turning = services.map { service in Task { await service.directory.run() } }
            for service in services { await service.directory.isHearing() }
        }

        deinit { for task in turning { task.cancel() } }
    }

    @Test func framesReachAPeerOnTheOtherServerAsTheyWouldOnTheSame() async throws {
        let pair = try await Pair()
        let here = try await pair.one.client(pair.ann, "alice")
        let there = try await pair.two.worker(pair.ann, "worker-1")
        try await eventually("alice sees the worker") { await here.room.knowsRemote("worker-1") }
        let offer = #"{ "sdp":"v=0\r\n\u00e9", "n":1.50,"type":"offer","target":"worker-1", "sender":"alice" }"#
        await here.say(offer)
        await here.say(
            #"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"worker-1","x":1,"payload":{"a":1}}"#)
        _ = try await there.channel.next(type: "peer_message")
        #expect(
            there.channel.texts.suffix(2) == [
                offer, #"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"worker-1","payload":{"a":1}}"#,
            ])
        let found = try await here.discover()
        #expect(found == ["worker-1"])
        #expect(pair.one.counters.framesRouted.value == 2)
    }

    @Test func aFrameToAServerThatIsGoneIsAnsweredWithAnError() async throws {
        let pair = try await Pair()
        let here = try await pair.one.client(pair.ann, "alice")
        let lost = PresentPeer(
            room: pair.ann.room.id, peer: PeerID(trusted: "lost"), server: ServerID("gone"), session: "s",
            owner: "user:x", role: .client, worker: nil, connectedAt: pair.one.clock.now, card: Array("{}".utf8))
        await here.room.hear([.arrived(lost)])
        await here.say(#"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"lost","payload":{"a":1}}"#)
        #expect(try await here.channel.next(type: "error")["code"] == "DELIVERY_FAILED")
        await here.room.dropRemotes(notOn: [ServerID("one"), ServerID("two")])
        await here.say(#"{"type":"peer_message","from_peer_id":"alice","to_peer_id":"lost","payload":{"a":1}}"#)
        #expect(try await here.channel.next(type: "error")["code"] == "PEER_NOT_FOUND")
    }

    @Test func aWorkerElsewhereIsOnlineForWatchersUntilItLeaves() async throws {
        let pair = try await Pair()
        let watcher = try await pair.one.client(pair.ann, "watcher")
        _ = try await watcher.ask(["type": "registry_subscribe", "presence": true])
        let worker = try await pair.two.worker(pair.ann, "w")
        #expect(try await watcher.channel.next(type: "presence_event")["online"] == true)
        _ = try await worker.publish("aaaaaaaa")
        let event = try await watcher.channel.next(type: "registry_event")
        #expect(event["model"]?.objectValue?["available_on_workers"] == ["gpu-1"])
        await worker.leave()
        let gone = try await watcher.channel.next { $0["type"] == "presence_event" && $0["online"] == false }
        #expect(gone["peer_id"] == "w")
        let model = try await watcher.query("get_model_info", ["model_id": "aaaaaaaa"])["model"]?.objectValue
        #expect(model?["available_on_workers"] == [])
    }

    @Test func whoSubscribesLaterIsToldOfTheWorkersOnEveryServerAsTheyAreShown() async throws {
        let pair = try await Pair()
        _ = try await pair.one.worker(pair.ann, "here")
        let there = try await pair.two.worker(pair.ann, "there")
        let client = try await pair.one.client(pair.ann, "alice")
        for name in ["here", "there"] {
            try await eventually("\(name) is known") {
                await pair.one.directory.sees(name, in: pair.ann.room.id)
            }
        }
        #expect(try await client.ask(["type": "reserve", "target": "here"])["type"] == "reserved")
        await there.say([
            "type": "update_metadata", "peer_id": "there", "metadata": ["properties": ["status": "busy"]],
        ])
        try await eventually("the news") { await client.room.shows("there", "busy") }
        _ = try await client.ask(["type": "registry_subscribe", "presence": true])
        let told = client.channel.frames(of: "presence_event").map { event in
            [event["peer_id"], event["online"], event[path: "properties", "status"]]
        }
        #expect(told.count == 2)
        #expect(told.contains(["here", true, "reserved"]) && told.contains(["there", true, "busy"]))
    }

    @Test func theNewerSocketOfAPeerTakesItsPlaceOnWhateverServer() async throws {
        let pair = try await Pair()
        let first = try await pair.one.client(pair.ann, "alice")
        try await eventually("known") { await pair.two.directory.knows("alice", in: pair.ann.room.id) }
        pair.one.clock.advance(seconds: 1)
        let second = try await pair.two.client(pair.ann, "alice")
        #expect(try await first.channel.closed() == .replaced)
        #expect(second.channel.closing == nil)
        try await eventually("one is left") { await first.room.hasMoved("alice") }
    }

    @Test func aPeerIdOfAnotherUserOnTheOtherServerIsRefused() async throws {
        let pair = try await Pair()
        let bob = try await pair.one.member("bob", of: pair.ann, role: .publisher)
        let first = try await pair.one.client(pair.ann, "alice")
        try await eventually("known") { await pair.two.directory.knows("alice", in: pair.ann.room.id) }
        let intruder = try await pair.two.join(
            ["type": "register", "peer_id": "alice", "room_id": .string(pair.ann.room.id.text), "jwt": .string(bob)])
        #expect(intruder.channel.frames(of: "error").first?["code"] == "FORBIDDEN")
        #expect(first.channel.closing == nil)
    }

    @Test func aRevocationClosesSocketsOnEveryServer() async throws {
        let pair = try await Pair()
        let worker = try await pair.two.worker(pair.ann, "w")
        let client = try await pair.two.client(pair.ann, "alice")
        try await pair.one.accounts.revokeWorkerToken(pair.ann.workerToken ?? "", by: pair.ann.user.id)
        #expect(try await worker.channel.closed() == .credentialRevoked)
        #expect(client.channel.closing == nil)
    }

    @Test func whoWroteHereFindsItThereAtOnce() async throws {
        let one = try await Service()
        let ann = try await one.starter()
        // Nobody listens to the bus: only the look at the record on entering tells the second server.
        let two = try await Service(sharing: one, server: "two")
        _ = try await two.client(ann, "early")
        let writer = try await one.client(ann, "writer")
        for number in 0..<5 {
            _ = try await writer.publish(number.modelID)
            let reader = try await two.client(ann, "reader-\(number)")
            #expect(try await reader.query("list_models")["count"]?.intValue == number + 1)
        }
    }

    @Test func anOrderReadsAsItWasWritten() {
        let room = RoomID(trusted: "lab")
        let digest = SecretHash(trusted: String(repeating: "ab", count: 32))
        let selections: [SessionSelection] = [
            .user(UserID(trusted: "42")), .proof(.workerToken(digest)), .proof(.accountKey(digest)),
        ]
        for selection in selections {
            for place in [nil, room] {
                let order = ClosingOrder(selection, in: place)
                #expect(order != nil && order.flatMap { ClosingOrder($0.encoded) } == order)
            }
        }
        #expect(ClosingOrder(ClosingOrder(deleting: room).encoded) == ClosingOrder(deleting: room))
        for hostile in ["", "{}", #"{"close":"room"}"#, #"{"close":"user"}"#, #"{"close":"all"}"#, "[[[[[[[["] {
            #expect(ClosingOrder(Array(hostile.utf8)) == nil)
        }
    }
}

extension RoomLoop {
    func knowsRemote(_ peer: String) -> Bool { remotes.find(PeerID(trusted: peer)) != nil }
    func shows(_ peer: String, _ status: String) -> Bool {
        remotes.find(PeerID(trusted: peer))?.description.metadata.status == status
    }
    func hasMoved(_ peer: String) -> Bool { knowsRemote(peer) && peerCount == 0 }
}

extension RoomDirectory {
    func knows(_ peer: String, in room: RoomID) async -> Bool {
        guard let room = try? await self.room(room) else { return false }
        return await room.knowsRemote(peer)
    }

    func sees(_ peer: String, in room: RoomID) async -> Bool {
        guard let room = try? await self.room(room) else { return false }
        return await room.worker(PeerID(trusted: peer)) != nil
    }

    /// Until then, news would have nobody to hear it.
    func isHearing() async {
        for _ in 0..<2000 where await dependencies.live.servers()?.contains(dependencies.server) != true {
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}

extension Peer {
    fileprivate func discover() async throws -> [String] {
        await say(["type": "discover_peers", "from_peer_id": .string("alice"), "filters": [:]])
        let peers = try await channel.next(type: "peer_list")["peers"]?.arrayValue ?? []
        return peers.compactMap { $0.objectValue?["peer_id"]?.stringValue }
    }
}
