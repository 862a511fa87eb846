import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// One test for each fault that signaling had before this server.
@Suite struct OldFaultTests {
    private func pair() async throws -> (service: Service, starter: Starter, client: Peer, worker: Peer) {
        let service = try await Service()
        let starter = try await service.starter()
        return (
            service, starter, try await service.client(starter, "alice"), try await service.worker(starter, "worker-1")
        )
    }

    @Test func nobodyIsImpersonatedByAMessageThatNamesAnother() async throws {
        let (_, _, client, worker) = try await pair()
        for field in ["from_peer_id", "sender", "peer_id"] {
            for type in ["peer_message", "offer", "mesh_connect", "update_metadata", "discover_peers", "error"] {
                let forged: JSONObject = [
                    "type": .string(type), "target": "worker-1", "offer": ["a": 1], "payload": 1,
                    "metadata": ["tags": ["forged"]],
                ]
                await client.say(forged.with(JSONObject(dictionaryLiteral: (field, "worker-1"))))
            }
        }
        #expect(worker.channel.types == ["registered_auth"])
        let bob = try #require(client.channel.frames.last)
        #expect(bob["type"] == "error")
        #expect(await worker.room.tags(of: "worker-1") == ["sleap-rtc"])
    }

    @Test func aFailedRegistrationEvictsNobody() async throws {
        let (service, starter, client, worker) = try await pair()
        for bad in [
            starter.worker("worker-1").without("api_key"), starter.worker("worker-1").with(["api_key": "slp_x"]),
        ] {
            await #expect(throws: AdmissionRefusal.self) { try await service.join(bad) }
        }
        let jwt = try await service.member("bob", of: starter, role: .publisher)
        let thief = try await service.client(starter, "worker-1", with: ["jwt": .string(jwt)])
        #expect(thief.id == nil)
        await thief.leave()
        #expect(worker.channel.closing == nil)
        #expect(try await client.found() == ["worker-1"])
    }

    @Test func aStaleSocketEvictsNobody() async throws {
        let (service, starter, client, old) = try await pair()
        let new = try await service.worker(starter, "worker-1")
        await old.leave()
        await old.say(["type": "update_metadata", "peer_id": "worker-1", "metadata": ["tags": ["stale"]]])
        #expect(new.channel.closing == nil)
        #expect(try await client.found() == ["worker-1"])
        #expect(await new.room.tags(of: "worker-1") == ["sleap-rtc"])
    }

    @Test func aStaleSocketOnAnotherServerEvictsNobody() async throws {
        let pair = try await AcrossServersTests.Pair()
        let old = try await pair.one.worker(pair.ann, "worker-1")
        try await eventually("known") { await pair.two.directory.knows("worker-1", in: pair.ann.room.id) }
        pair.one.clock.advance(seconds: 1)
        let new = try await pair.two.worker(pair.ann, "worker-1")
        try await eventually("it moved") { await old.room.hasMoved("worker-1") }
        await old.leave()
        let witness = try await pair.two.client(pair.ann, "alice")
        #expect(new.channel.closing == nil)
        #expect(try await witness.found() == ["worker-1"])
    }

    @Test func aGeneratedIdLeavesNoGhost() async throws {
        let (service, starter, client, _) = try await pair()
        let key: JSONObject = ["api_key": .string(starter.accountKey)]
        for nameless in [
            starter.worker("").without("peer_id"), starter.client("").with(["peer_id": ""]),
            starter.client("").without("jwt").with(["peer_id": nil]).with(key),
        ] {
            let peer = try await service.join(nameless)
            let id = try #require(peer.channel.frames.first?["peer_id"]?.stringValue)
            #expect(try await client.found().contains(id))
            await peer.leave()
        }
        #expect(try await client.found() == ["worker-1"])
    }

    @Test func generatedIdsTellTheCredential() async throws {
        let (service, starter, _, _) = try await pair()
        let client = starter.client("").without("peer_id")
        for (form, stem) in [
            (starter.worker("").without("peer_id"), "worker-gpu-1-"), (client, "client-ann-"),
            (client.without("jwt").with(["api_key": .string(starter.accountKey)]), "worker-ann-"),
        ] {
            let id = try await service.join(form).channel.frames.first?["peer_id"]?.stringValue ?? ""
            #expect(id.hasPrefix(stem) && id.utf8.count == stem.utf8.count + 4)
        }
    }

    @Test func noCredentialIsShownToAnybody() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let witness = try await service.client(starter, "witness")
        _ = try await witness.ask(["type": "registry_subscribe", "presence": true])
        let forged: JSONObject = ["metadata": ["_token_id": "slp_forged", "_account_key_id": "x", "_worker_name": "y"]]
        _ = try await service.worker(starter, "by-token", with: forged)
        let byKey: JSONObject = ["api_key": .string(starter.accountKey), "role": "worker"]
        _ = try await service.join(starter.client("by-key").without("jwt").with(byKey))
        _ = try await service.client(starter, "by-jwt", with: forged)
        let late = try await service.client(starter, "late")
        _ = try await late.found()
        let said = (witness.channel.texts + late.channel.texts).joined()
        for secret in [starter.workerToken ?? "-", starter.accountKey, starter.jwt] {
            #expect(!said.contains(secret))
        }
        let shown = late.channel.frames.first?["peer_metadata"]?.objectValue ?? [:]
        #expect(shown["by-token"]?.objectValue?["_worker_name"] == "gpu-1")
        let (token, key) = (Accounts.hash(starter.workerToken ?? "-"), Accounts.hash(starter.accountKey))
        #expect(shown["by-token"]?.objectValue?["_token_id"] == .string(CredentialLabel.workerToken(token)))
        #expect(shown["by-key"]?.objectValue?["_account_key_id"] == .string(CredentialLabel.accountKey(key)))
        #expect(shown["by-jwt"] == [:])
    }

    @Test func aTagCanBeTakenAway() async throws {
        let (service, starter, _, worker) = try await pair()
        await worker.say(["type": "update_metadata", "peer_id": "worker-1", "metadata": ["tags": ["a", "b"]]])
        #expect(worker.channel.frames.last?[path: "metadata", "tags"] == ["sleap-rtc", "a", "b"])
        await worker.say(["type": "update_metadata", "peer_id": "worker-1", "remove_tags": ["a", "sleap-rtc", "none"]])
        #expect(worker.channel.frames.last?[path: "metadata", "tags"] == ["b"])
        #expect(worker.channel.frames.last?[path: "metadata", "properties", "status"] == "available")
        let again = starter.worker("worker-1").with(["metadata": ["tags": ["c"]]])
        _ = try await service.join(again, on: worker.channel, current: worker.id)
        #expect(await worker.room.tags(of: "worker-1") == ["c"])
    }

    @Test func aRoomThatEndsStaysOpenWhileAJobRuns() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let end = service.clock.now.advanced(bySeconds: 60)
        let room = RoomRecord(
            id: RoomID(trusted: "brief"), name: "brief", createdBy: ann.user.id, createdAt: service.clock.now,
            expiresAt: end)
        try await service.record.createRoom(room, epoch: Epoch(trusted: "e"))
        let inRoom: JSONObject = ["room_id": "brief"]
        let busy: JSONObject = ["role": "worker", "metadata": ["properties": ["status": "busy"]]]
        let worker = try await service.client(ann, "w", with: inRoom.with(busy))
        let client = try await service.client(ann, "c", with: inRoom)
        var rounds = RoomDirectory.Rounds()
        service.clock.advance(seconds: 90)
        await service.directory.turn(&rounds)
        #expect(worker.channel.closing == nil && client.channel.closing == nil)
        #expect(try await service.client(ann, "w", with: inRoom.with(busy)).id != nil)
        let idle: JSONObject = ["properties": ["status": "available"]]
        let current = try #require(await worker.room.find("w"))
        await worker.room.hear(
            #"{"type":"update_metadata","peer_id":"w","metadata":\#(JSONValue.object(idle).text)}"#, from: current)
        service.clock.advance(seconds: RoomEnding.putOffSeconds)
        await service.directory.turn(&rounds)
        #expect(client.channel.closing == .roomExpired)
        await #expect(throws: AdmissionRefusal.refused("Room expired")) {
            try await service.client(ann, "c", with: inRoom)
        }
    }

    @Test func aPeerThatDoesNotReadHoldsUpNobody() async throws {
        let service = try await Service { $0.outboxBytes = 1000 }
        let starter = try await service.starter()
        let slow = try await service.client(starter, "slow")
        let quick = try await service.client(starter, "quick")
        let sender = try await service.client(starter, "sender")
        slow.channel.stall(at: 900)
        for number in 0..<100 {
            for target in ["slow", "quick"] {
                await sender.say([
                    "type": "peer_message", "from_peer_id": "sender", "to_peer_id": .string(target),
                    "payload": .integer(number + 1),
                ])
            }
        }
        #expect(slow.channel.closing == .outboxOverflow)
        #expect(quick.channel.frames(of: "peer_message").compactMap { $0["payload"]?.intValue } == Array(1...100))
    }

    @Test(arguments: [
        "5", #""worker""#, "[]", #"{"role":5}"#, #"{"tags":"sleap-rtc"}"#, #"{"tags":[1]}"#, #"{"properties":[]}"#,
        #"{"properties":{"status":{"$gte":5}}}"#, #"{"properties":{"status":{"$lte":null}}}"#,
        #"{"properties":{"missing":{"$gte":1}}}"#, #"{"properties":{"status":{"$regex":"a"}}}"#,
    ])
    func filtersOfAnotherTypeMatchNobodyAndEndNothing(_ filters: String) async throws {
        let (_, _, client, _) = try await pair()
        await client.say(#"{"type":"discover_peers","from_peer_id":"alice","filters":\#(filters)}"#)
        #expect(client.channel.frames.last?["count"] == 0)
        #expect(client.channel.closing == nil)
        #expect(try await client.found() == ["worker-1"])
    }

    @Test(arguments: ["[]", #""x""#, "5", "null", "{", "", "\u{0}", #"{"type":5}"#, #"{"type":[{}]}"#])
    func textThatIsNoMessageIsAnsweredAndEndsNothing(_ text: String) async throws {
        let (_, _, client, worker) = try await pair()
        await client.say(text)
        let error = try #require(client.channel.frames.last)
        #expect(error["type"] == "error" && error["reason"] == error["message"])
        await worker.say(text)
        #expect(worker.channel.types == ["registered_auth"])
        #expect(client.channel.closing == nil && worker.channel.closing == nil)
        #expect(try await client.found() == ["worker-1"])
    }

    @Test func propertiesOfAnotherTypeReachNobody() async throws {
        let (_, _, client, worker) = try await pair()
        await worker.say([
            "type": "update_metadata", "peer_id": "worker-1", "metadata": ["properties": 5, "tags": "x"],
        ])
        #expect(worker.channel.frames.last?[path: "metadata", "properties", "status"] == "available")
        #expect(try await client.found() == ["worker-1"])
    }

    @Test func aWorkerIsPingedAndNobodyElseIs() async throws {
        let service = try await Service { $0.workerPing = .milliseconds(5) }
        let starter = try await service.starter()
        let client = try await service.client(starter, "alice")
        let worker = try await service.worker(starter)
        let turning = Task { await service.directory.run() }
        defer { turning.cancel() }
        #expect(try await worker.channel.next(type: "ping") == ["type": "ping"])
        _ = try await worker.channel.next(type: "ping")
        #expect(client.channel.types == ["registered_auth"])
    }

    @Test func registeringAgainWithoutACredentialIsARefreshOfJustThisPeer() async throws {
        let (_, _, _, worker) = try await pair()
        guard
            case .taken? = await worker.say(["type": "register", "peer_id": "worker-1", "role": "worker", "token": ""])
        else {
            Issue.record("a refresh needs no admission")
            return
        }
        #expect(worker.channel.frames.last?["type"] == "registered_auth")
        #expect(worker.channel.frames.last?["token"] == "")
        #expect(await worker.room.tags(of: "worker-1") == ["sleap-rtc"])
        guard case .registration? = await worker.say(["type": "register", "peer_id": "alice", "role": "worker"]) else {
            Issue.record("another peer id needs a credential")
            return
        }
    }
}

extension RoomLoop {
    fileprivate func tags(of peer: String) -> [String] { peers.find(PeerID(trusted: peer))?.metadata.tags ?? [] }
    fileprivate func find(_ peer: String) -> SessionID? { peers.find(PeerID(trusted: peer))?.id }
}

extension JSONValue {
    fileprivate var text: String { String(decoding: encoded(), as: UTF8.self) }
}

extension Peer {
    /// Whom discovery names.
    fileprivate func found() async throws -> [String] {
        let name = channel.frames.first?["peer_id"] ?? ""
        await say(["type": "discover_peers", "from_peer_id": name])
        let peers = channel.frames.last { $0["type"] == "peer_list" }?["peers"]?.arrayValue ?? []
        return peers.compactMap { $0.objectValue?["peer_id"]?.stringValue }
    }
}
