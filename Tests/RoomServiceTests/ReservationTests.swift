import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// Two clients that want one worker.
@Suite struct ReservationTests {
    private static func reserve(_ worker: String = "w1", term: Int? = nil) -> JSONObject {
        JSONObject(dictionaryLiteral: ("type", "reserve"), ("target", .string(worker)))
            .with(term.map { ["term_s": .integer($0)] } ?? [:])
    }

    private static let release: JSONObject = ["type": "release", "target": "w1"]

    private func room() async throws -> (service: Service, alice: Peer, bob: Peer, worker: Peer) {
        let service = try await Service()
        return try await room(of: try await service.starter(), on: service)
    }

    private func room(
        of starter: Starter, on service: Service
    ) async throws -> (service: Service, alice: Peer, bob: Peer, worker: Peer) {
        return (
            service, try await service.client(starter, "alice"), try await service.client(starter, "bob"),
            try await service.worker(starter, "w1")
        )
    }

    private func status(of worker: String = "w1", seenBy peer: Peer, _ name: String) async throws -> JSONValue? {
        await peer.say(["type": "discover_peers", "from_peer_id": .string(name), "filters": ["role": "worker"]])
        let peers = peer.channel.frames.last?["peers"]?.arrayValue ?? []
        let found = peers.first { $0.objectValue?["peer_id"] == .string(worker) }
        return found?.objectValue?[path: "metadata", "properties", "status"]
    }

    @Test func ofTwoClientsOneGetsTheWorkerUntilItLetsGo() async throws {
        let (service, alice, bob, worker) = try await room()
        let reply = try await alice.ask(Self.reserve())
        #expect(reply["type"] == "reserved" && reply["peer_id"] == "w1")
        #expect(reply["expires_at"] == .string(service.clock.now.advanced(bySeconds: 60).description))
        let refused = try await bob.ask(Self.reserve())
        #expect(refused["code"] == "WORKER_BUSY" && refused["current_status"] == "reserved")
        #expect(try await status(seenBy: bob, "bob") == "reserved")
        #expect(try await bob.ask(Self.release)["type"] == "released")
        #expect(try await bob.ask(Self.reserve())["code"] == "WORKER_BUSY")
        #expect(try await alice.ask(Self.release)["type"] == "released")
        #expect(try await status(seenBy: bob, "bob") == "available")
        #expect(try await bob.ask(Self.reserve())["type"] == "reserved")
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func aReservationEndsWithItsHolderAndWithItsTerm() async throws {
        let (service, alice, bob, _) = try await room()
        _ = try await alice.ask(Self.reserve())
        await alice.leave()
        #expect(try await bob.ask(Self.reserve(term: 5))["type"] == "reserved")
        service.clock.advance(seconds: 5)
        _ = await bob.room.turn(at: service.clock.now)
        #expect(try await status(seenBy: bob, "bob") == "available")
    }

    @Test func aReservationStaysThroughNewSocketsOfHolderAndWorker() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let (_, alice, bob, worker) = try await room(of: starter, on: service)
        _ = try await alice.ask(Self.reserve())
        _ = try await service.client(starter, "alice")
        _ = try await service.worker(starter, "w1")
        #expect(alice.channel.closing == .replaced && worker.channel.closing == .replaced)
        #expect(try await bob.ask(Self.reserve())["code"] == "WORKER_BUSY")
    }

    @Test func aWorkerThatBecomesAClientIsKeptForNobody() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let (_, alice, bob, worker) = try await room(of: starter, on: service)
        _ = try await alice.ask(Self.reserve())
        await worker.say(["type": "register", "peer_id": "w1", "role": "client"])
        #expect(try await bob.ask(Self.reserve())["code"] == "PEER_NOT_FOUND")
        await bob.say(["type": "discover_peers", "from_peer_id": "bob", "filters": [:]])
        let seen = bob.channel.frames.last?["peers"]?.arrayValue?.first { $0.objectValue?["peer_id"] == "w1" }
        #expect(seen?.objectValue?[path: "metadata", "properties", "status"] == "available")
        await worker.say(["type": "register", "peer_id": "w1", "role": "worker"])
        #expect(try await bob.ask(Self.reserve())["type"] == "reserved")
    }

    @Test func anOrderOfAHolderThatHasLeftIsNotGranted() async throws {
        let service = try await Service()
        let (_, _, bob, worker) = try await room(of: try await service.starter(), on: service)
        let object = Self.reserve().id("1").with(["term_s": 600])
        let order = ReservationOrder(
            try ReservationRequest(.reserve, object), of: PeerID(trusted: "gone"), "s", on: ServerID("two"))
        await worker.room.obey(order)
        #expect(try await bob.ask(Self.reserve())["type"] == "reserved")
    }

    @Test func aBusyWorkerAnAbsentOneAndAClientAreNotReserved() async throws {
        let (_, alice, _, worker) = try await room()
        #expect(try await alice.ask(Self.reserve("nobody"))["code"] == "PEER_NOT_FOUND")
        #expect(try await alice.ask(Self.reserve("bob"))["code"] == "PEER_NOT_FOUND")
        #expect(try await alice.ask(Self.reserve(term: 0))["code"] == "INVALID_MESSAGE")
        #expect(try await alice.ask(["type": "reserve"])["code"] == "INVALID_MESSAGE")
        await worker.say(["type": "update_metadata", "peer_id": "w1", "metadata": ["properties": ["status": "busy"]]])
        #expect(try await alice.ask(Self.reserve())["current_status"] == "busy")
    }

    @Test func viewersReserveNothing() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        _ = try await service.worker(starter, "w1")
        let jwt = try await service.member("eve", of: starter, role: .viewer)
        let viewer = try await service.client(starter, "eve", with: ["jwt": .string(jwt)])
        #expect(try await viewer.ask(Self.reserve())["code"] == "FORBIDDEN")
    }

    @Test func acrossServersOneOfManyWins() async throws {
        let pair = try await AcrossServersTests.Pair()
        let worker = try await pair.one.worker(pair.ann, "w1")
        var clients: [Peer] = []
        for number in 0..<4 { clients.append(try await pair.one.client(pair.ann, "one-\(number)")) }
        for number in 0..<4 { clients.append(try await pair.two.client(pair.ann, "two-\(number)")) }
        try await eventually("everybody is known") { await clients[4].room.knowsRemote("w1") }
        let replies = try await withThrowingTaskGroup { group in
            for client in clients { group.addTask { try await client.ask(Self.reserve()) } }
            return try await group.reduce(into: [JSONObject]()) { $0.append($1) }
        }
        #expect(replies.count { $0["type"] == "reserved" } == 1)
        #expect(replies.count { $0["code"] == "WORKER_BUSY" } == 7)
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func aReservationFromAnotherServerEndsWhenItsHolderLeaves() async throws {
        let pair = try await AcrossServersTests.Pair()
        _ = try await pair.one.worker(pair.ann, "w1")
        let here = try await pair.one.client(pair.ann, "bob")
        let there = try await pair.two.client(pair.ann, "alice")
        try await eventually("known") { await there.room.knowsRemote("w1") }
        try await eventually("known") { await here.room.knowsRemote("alice") }
        #expect(try await there.ask(Self.reserve())["type"] == "reserved")
        #expect(try await here.ask(Self.reserve())["code"] == "WORKER_BUSY")
        await there.leave()
        try await eventually("alice is gone") { await !here.room.knowsRemote("alice") }
        #expect(try await here.ask(Self.reserve())["type"] == "reserved")
    }

    // MARK: Clients that know no reserve

    private static func request(from peer: String) -> JSONObject {
        [
            "type": "peer_message", "from_peer_id": .string(peer), "to_peer_id": "w1",
            "payload": ["app_message_type": "job_request", "job_id": "j1", "config": [:]],
        ]
    }

    private static func declined(to peer: String) -> JSONObject {
        [
            "type": "peer_message", "from_peer_id": "w1", "to_peer_id": .string(peer),
            "payload": ["app_message_type": "job_response", "job_id": "j1", "accepted": false, "reason": "busy"],
        ]
    }

    @Test func aJobForAWorkerThatIsTakenIsDeclinedAsTheWorkerWould() async throws {
        let (_, alice, bob, worker) = try await room()
        _ = try await alice.ask(Self.reserve())
        await bob.say(Self.request(from: "bob"))
        #expect(bob.channel.frames.last == Self.declined(to: "bob"))
        await bob.say(["type": "offer", "sender": "bob", "target": "w1", "sdp": "v=0"])
        #expect(bob.channel.frames.last?["reason"] == "worker_busy")
        #expect(bob.channel.frames.last?["current_status"] == "reserved")
        #expect(worker.channel.types == ["registered_auth"])
        await alice.say(Self.request(from: "alice"))
        await alice.say(["type": "offer", "sender": "alice", "target": "w1", "sdp": "v=0"])
        #expect(worker.channel.types.suffix(2) == ["peer_message", "offer"])
        await bob.say(Self.request(from: "bob").with(["payload": ["app_message_type": "job_cancel"]]))
        #expect(worker.channel.types.last == "peer_message")
    }

    @Test(arguments: ["busy", "reserved", "maintenance"])
    func aWorkerThatSaysItIsTakenIsSentNoSecondJob(_ status: String) async throws {
        let (_, alice, _, worker) = try await room()
        await worker.say([
            "type": "update_metadata", "peer_id": "w1", "metadata": ["properties": ["status": .string(status)]],
        ])
        await alice.say(Self.request(from: "alice"))
        #expect(alice.channel.frames.last == Self.declined(to: "alice"))
        #expect(worker.channel.types == ["registered_auth", "metadata_updated"])
    }

    @Test func theSameAcrossServersHoweverNewTheReservationIs() async throws {
        let pair = try await AcrossServersTests.Pair()
        let worker = try await pair.one.worker(pair.ann, "w1")
        let here = try await pair.one.client(pair.ann, "bob")
        let there = try await pair.two.client(pair.ann, "alice")
        try await eventually("known") { await there.room.knowsRemote("w1") }
        try await eventually("known") { await here.room.knowsRemote("alice") }
        _ = try await here.ask(Self.reserve())
        await there.say(Self.request(from: "alice"))
        #expect(try await there.channel.next(type: "peer_message") == Self.declined(to: "alice"))
        #expect(worker.channel.types == ["registered_auth"])
    }

    @Test func anOrderReadsAsItWasWritten() throws {
        let hostile: [[UInt8]] = [[], [1], Array("{}".utf8), [1] + Array("{}".utf8), [1] + Array("[[".utf8)]
        #expect(hostile.allSatisfy { ReservationOrder($0) == nil })
    }
}
