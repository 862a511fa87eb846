import JSONWire
import Testing

@testable import RoomService

@Suite struct MeshTests {
    private static let fields = [
        ("mesh_connect", "mesh_offer", "offer"), ("mesh_answer", "mesh_answer", "answer"),
        ("ice_candidate", "ice_candidate", "candidate"),
    ]

    @Test(arguments: fields) func meshMessagesArriveInTheirOwnShape(
        _ said: String, _ heard: String, _ field: String
    ) async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let first = try await service.worker(starter, "w1")
        let second = try await service.worker(starter, "w2")
        await first.say(
            #"{"type":"\#(said)","from_peer_id":"w1","target_peer_id":"w2","\#(field)":{"sdp":"v=0\r\n", "n":1.0}}"#)
        #expect(
            second.channel.texts.last
                == #"{"type":"\#(heard)","from_peer_id":"w1","\#(field)":{"sdp":"v=0\r\n", "n":1.0}}"#)
        #expect(first.channel.types == ["registered_auth"])
    }

    @Test(arguments: fields) func theSameAcrossServers(_ said: String, _ heard: String, _ field: String) async throws {
        let pair = try await AcrossServersTests.Pair()
        let first = try await pair.one.worker(pair.ann, "w1")
        let second = try await pair.two.worker(pair.ann, "w2")
        try await eventually("w1 sees w2") { await first.room.knowsRemote("w2") }
        await first.say(#"{"type":"\#(said)","from_peer_id":"w1","target_peer_id":"w2","\#(field)":{"sdp":""}}"#)
        #expect(
            try await second.channel.next(type: heard)
                == JSONObject(dictionaryLiteral: ("type", .string(heard)), ("from_peer_id", "w1"), (field, ["sdp": ""]))
        )
    }

    @Test func aMeshMessageToNobodyIsAnsweredInItsOwnWay() async throws {
        let service = try await Service()
        let client = try await service.client(try await service.starter(), "alice")
        await client.say([
            "type": "mesh_connect", "from_peer_id": "alice", "target_peer_id": "w9", "offer": ["sdp": "x"],
        ])
        let error = try #require(client.channel.frames.last)
        #expect(error["code"] == "PEER_NOT_FOUND" && error["reason"] == "peer_not_found")
        #expect(error["target_peer_id"] == "w9" && error["message"] == "Target peer w9 not found")
        await client.say(["type": "mesh_answer", "from_peer_id": "alice", "target_peer_id": "w9", "answer": ["a": 1]])
        #expect(client.channel.frames.last?["message"] == "Target peer w9 not found")
        let count = client.channel.frames.count
        await client.say([
            "type": "ice_candidate", "from_peer_id": "alice", "target_peer_id": "w9", "candidate": ["a": 1],
        ])
        #expect(client.channel.frames.count == count)
        for (type, _, field) in Self.fields {
            await client.say(["type": .string(type), "from_peer_id": "alice", "target_peer_id": "w9"])
            #expect(
                client.channel.frames.last?["message"]
                    == .string("Missing required fields: from_peer_id, target_peer_id, \(field)"))
        }
        await client.say([
            "type": "mesh_connect", "from_peer_id": "bob", "target_peer_id": "alice", "offer": ["sdp": "x"],
        ])
        #expect(client.channel.frames.last?["code"] == "FORBIDDEN")
    }

    @Test func aMeshMessageThatCannotBeDeliveredSaysSo() async throws {
        let service = try await Service { $0.outboxBytes = 100 }
        let starter = try await service.starter()
        let target = try await service.client(starter, "bob")
        let client = try await service.client(starter, "alice")
        target.channel.stall(at: 90)
        await client.say([
            "type": "mesh_connect", "from_peer_id": "alice", "target_peer_id": "bob", "offer": ["sdp": "x"],
        ])
        #expect(client.channel.frames.last?["code"] == "DELIVERY_FAILED")
        #expect(client.channel.frames.last?["message"] == "Failed to deliver mesh offer to bob")
    }

    private static let busy: JSONObject = [
        "type": "error", "target": "alice", "reason": "worker_busy", "message": "Worker is currently busy",
        "current_status": "busy",
    ]

    @Test func aWorkersErrorReachesItsTargetAndNoWorker() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter, "alice")
        let worker = try await service.worker(starter, "w1")
        let other = try await service.worker(starter, "w2")
        await worker.say(Self.busy)
        #expect(client.channel.frames.last == Self.busy.with(["sender": "w1"]))
        await client.say(["type": "error", "target": "w1", "reason": "die"])
        await other.say(["type": "error", "target": "w1", "reason": "die"])
        await worker.say(["type": "error", "target": "nobody", "reason": "x"])
        #expect(worker.channel.types == ["registered_auth"] && other.channel.types == ["registered_auth"])
        let count = client.channel.frames.count
        await other.say(Self.busy.with(["sender": "w1"]))
        #expect(client.channel.frames.count == count)
    }

    @Test func aWorkersErrorReachesItsTargetOnAnotherServer() async throws {
        let pair = try await AcrossServersTests.Pair()
        let worker = try await pair.one.worker(pair.ann, "w1")
        let client = try await pair.two.client(pair.ann, "alice")
        let deaf = try await pair.two.worker(pair.ann, "w2")
        try await eventually("w1 sees both") {
            let alice = await worker.room.knowsRemote("alice")
            let other = await worker.room.knowsRemote("w2")
            return alice && other
        }
        await worker.say(Self.busy.with(["target": "w2"]))
        await worker.say(Self.busy)
        #expect(try await client.channel.next(type: "error") == Self.busy.with(["sender": "w1"]))
        #expect(deaf.channel.types == ["registered_auth"])
    }
}
