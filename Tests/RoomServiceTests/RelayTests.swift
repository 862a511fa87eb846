import JSONWire
import RoomCore
import RoomService
import Testing
import WireMessages

@Suite struct RelayTests {
    private func pair() async throws -> (server: ServerFixture, starter: Starter, client: Peer, worker: Peer) {
        let server = try await RecordFixture().server { $0.outboxBytes = 1000 }
        let starter = try await server.bootstrap(worker: "gpu-1")
        return (
            server, starter, try await server.client(starter, "c", registry: false),
            try await server.worker(starter, "w")
        )
    }

    @Test func negotiationIsPassedOnAsItStands() async throws {
        let (_, _, client, worker) = try await pair()
        for type in ["offer", "answer", "candidate"] {
            try await client.say(["type": .string(type), "sender": "c", "target": "w", "extra": ["deep": [1, 2]]])
            let frame = try await worker.channel.next(type)
            #expect(frame["extra"] == ["deep": [1, 2]] && frame["sender"] == "c" && frame["target"] == "w")
        }
    }

    @Test func messagesArriveWithJustTheirFourFields() async throws {
        let (_, _, client, worker) = try await pair()
        try await client.say([
            "type": "peer_message", "from_peer_id": "c", "to_peer_id": "w", "payload": ["a": 1], "secret": "x",
        ])
        #expect(
            try await worker.channel.next("peer_message")
                == ["type": "peer_message", "from_peer_id": "c", "to_peer_id": "w", "payload": ["a": 1]])
        try await client.say(["type": "peer_message", "sender": "c", "target": "w", "payload": "p"])
        #expect(
            try await worker.channel.next("peer_message")
                == ["type": "peer_message", "from_peer_id": "c", "to_peer_id": "w", "payload": "p"])
        try await client.say(#"{"type":"peer_message","from_peer_id":"\u0063","to_peer_id":"\u0077","payload":[1]}"#)
        #expect(try await worker.channel.next("peer_message")["payload"] == [1])
    }

    @Test func nobodySpeaksForAnother() async throws {
        let (server, starter, client, worker) = try await pair()
        let victim = try await server.client(starter, "victim", registry: false)
        for message: JSONObject in [
            ["type": "peer_message", "from_peer_id": "victim", "to_peer_id": "w", "payload": 1],
            ["type": "offer", "sender": "victim", "target": "w"], ["type": "offer", "target": "w"],
            ["type": "update_metadata", "peer_id": "victim", "metadata": ["tags": ["x"]]],
            ["type": "discover_peers", "from_peer_id": "victim"],
        ] {
            try await client.say(message)
            #expect(try await client.channel.next("error")["code"] == "FORBIDDEN")
        }
        try await worker.say(["type": "peer_message", "from_peer_id": "victim", "to_peer_id": "c", "payload": 1])
        try await client.say(["type": "discover_peers", "from_peer_id": "c"])
        _ = try await client.channel.next("peer_list")
        #expect(worker.channel.frames.isEmpty && client.channel.frames.isEmpty && victim.channel.frames.isEmpty)
    }

    @Test func whatCannotBeDeliveredIsToldToClientsAndNotToWorkers() async throws {
        let (_, _, client, worker) = try await pair()
        try await client.say(["type": "peer_message", "from_peer_id": "c", "to_peer_id": "x", "payload": 1])
        let error = try await client.channel.next("error")
        #expect(error["code"] == "PEER_NOT_FOUND" && error["message"] == error["reason"])
        try await client.say(["type": "peer_message", "from_peer_id": "c", "to_peer_id": "w", "payload": [:]])
        #expect(
            try await client.channel.next("error")["message"]
                == "Missing required fields: from_peer_id, to_peer_id, payload")
        try await client.say(["type": "offer", "sender": "c", "target": "x"])
        try await worker.say(["type": "peer_message", "from_peer_id": "w", "to_peer_id": "x", "payload": 1])
        try await worker.say(["type": "job_progress", "job_id": "j"])
        try await worker.say("[]")
        try await worker.say("nonsense")
        #expect(worker.channel.frames.isEmpty && worker.channel.closed == nil)
        for (text, code) in [
            ("[]", "INVALID_JSON"), ("{", "INVALID_JSON"), (#"{"type":"nope"}"#, "UNKNOWN_MESSAGE_TYPE"),
            ("{}", "INVALID_MESSAGE"),
        ] {
            try await client.say(text)
            #expect(try await client.channel.next("error")["code"]?.stringValue == code)
        }
        #expect(client.channel.closed == nil && client.channel.frames.isEmpty)
    }

    @Test func aPeerThatDoesNotReadIsClosedAlone() async throws {
        let (_, _, client, worker) = try await pair()
        worker.channel.pendingBytes = 990
        try await client.say(["type": "peer_message", "from_peer_id": "c", "to_peer_id": "w", "payload": "0123456789"])
        #expect(worker.channel.closed == .outboxOverflow)
        #expect(try await client.channel.next("error")["code"] == "DELIVERY_FAILED")
        try await client.say(["type": "discover_peers", "from_peer_id": "c"])
        #expect(try await client.channel.next("peer_list")["count"] == 0)
    }

    @Test func metadataIsMergedAndEchoedWhole() async throws {
        let (_, _, client, worker) = try await pair()
        try await worker.say(["type": "update_metadata", "peer_id": "w", "metadata": ["tags": ["t"]]])
        #expect(try await worker.channel.next("metadata_updated")["metadata"] == ["tags": ["t"], "properties": [:]])
        try await worker.say([
            "type": "update_metadata", "peer_id": "w", "metadata": ["properties": ["status": "busy"]],
        ])
        #expect(
            try await worker.channel.next("metadata_updated")["metadata"]
                == ["tags": ["t"], "properties": ["status": "busy"]])
        try await client.say([
            "type": "update_metadata", "peer_id": "c",
            "metadata": ["x": .string(String(repeating: "x", count: 70_000))],
        ])
        #expect(try await client.channel.next("error")["code"] == "TOO_LARGE")
    }
}
