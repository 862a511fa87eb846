import JSONWire
import RoomCore
import RoomService
import RoomStorage
import Testing
import WireMessages

@Suite struct WritingTests {
    @Test func anAcknowledgedPublishIsInTheRecord() async throws {
        let fixture = try await RecordFixture()
        let starter = try await fixture.server().bootstrap(worker: "gpu-1")
        let worker = try await fixture.server().worker(starter, "w")
        let reply = try await worker.publish("aaaaaaaa", ["name": "m", "worker_path": "/m/a"])
        #expect(reply["type"] == "registry_published" && reply["revision"] == 1 && reply["created"] == true)
        let later = try await fixture.reopened()
        let reader = try await later.server().client(starter, "c")
        let found = try await reader.ask("registry_query", ["command": "get_model_info", "model_id": "aaaaaaaa"])
        #expect(found["revision"] == 1 && found["epoch"] == reply["epoch"])
        let copy = found["model"]?.objectValue?["copies"]?.arrayValue?.first?.objectValue
        #expect(copy?["worker"] == "gpu-1" && copy?["online"] == false && copy?["path"] == "/m/a")
    }

    @Test func repliesComeInTheOrderOfRequestsAndReadsSeeTheWritesBeforeThem() async throws {
        let fixture = try await RecordFixture()
        let store = FaultyStore(fixture.record)
        let server = fixture.server(store: store)
        let starter = try await server.bootstrap()
        let client = try await server.client(starter, "c")
        store.become(.stalled)
        for number in 0..<5 {
            let id = String(repeating: String(number), count: 8)
            try await client.say([
                "type": "registry_publish", "request_id": .string("w\(number)"), "model": ["id": .string(id)],
            ])
            try await client.say([
                "type": "registry_query", "request_id": .string("r\(number)"), "command": "list_models",
            ])
        }
        #expect(client.channel.frames.isEmpty)
        store.become(.none)
        try await eventually("all replies") { client.channel.frames.count == 10 }
        let frames = client.channel.frames
        #expect(frames.map { $0["request_id"]?.stringValue } == (0..<5).flatMap { ["w\($0)", "r\($0)"] })
        for number in 0..<5 { #expect((frames[2 * number + 1]["count"]?.intValue ?? 0) >= number + 1) }
    }

    @Test func waitingWritesShareACommit() async throws {
        let fixture = try await RecordFixture()
        let store = FaultyStore(fixture.record)
        let server = fixture.server(store: store)
        let starter = try await server.bootstrap()
        let client = try await server.client(starter, "c")
        store.become(.stalled)
        for number in 0..<100 {
            try await client.say([
                "type": "registry_publish", "request_id": .string("\(number)"),
                "model": ["id": .string(String(format8: number))],
            ])
        }
        store.become(.none)
        try await eventually("all replies") { client.channel.frames.count == 100 }
        #expect(client.channel.frames.map { $0["revision"]?.intValue } == Array(1...100))
        #expect(store.appends.load(ordering: .relaxed) <= 3)
    }

    @Test func aRepeatedKeyGetsTheFirstAnswer() async throws {
        let fixture = try await RecordFixture()
        let store = FaultyStore(fixture.record)
        let server = fixture.server(store: store)
        let starter = try await server.bootstrap()
        let client = try await server.client(starter, "c")
        let first = try await client.publish("aaaaaaaa", ["notes": "one"], key: "k")
        let second = try await client.publish("bbbbbbbb", ["notes": "two"], key: "k")
        #expect(second == first)
        // Twice in one batch.
        store.become(.stalled)
        for id in ["x", "y"] {
            try await client.say([
                "type": "registry_publish", "request_id": .string(id), "model": ["id": "cccccccc"],
                "idempotency_key": "k2",
            ])
        }
        store.become(.none)
        let (x, y) = (
            try await client.channel.next { $0["request_id"] == "x" },
            try await client.channel.next { $0["request_id"] == "y" }
        )
        #expect(x["revision"] == 2 && y["revision"] == 2 && y["created"] == true)
        // Committed, but the answer was lost.
        store.become(.lostReply)
        #expect(try await client.publish("dddddddd", key: "k3")["code"] == "UNAVAILABLE")
        store.become(.none)
        #expect(try await client.publish("dddddddd", key: "k3")["revision"] == 3)
        #expect(try await client.publish("eeeeeeee", key: "k4")["revision"] == 4)
        // After a restart; and another user's key is another key.
        let later = try await fixture.reopened()
        let again = try await later.server().client(starter, "c")
        #expect(try await again.publish("ffffffff", key: "k") == first)
        let bob = try await later.server().bootstrap("bob")
        let other = try await later.server().client(bob, "d")
        #expect(try await other.publish("ffffffff", key: "k")["revision"] == 5)
    }

    @Test func aRecordThatIsAwayRefusesWritesAndNothingElse() async throws {
        let fixture = try await RecordFixture()
        let store = FaultyStore(fixture.record)
        let server = fixture.server(store: store)
        let starter = try await server.bootstrap()
        let client = try await server.client(starter, "c")
        _ = try await client.publish("aaaaaaaa")
        store.become(.unavailable)
        let refused = try await client.publish("bbbbbbbb")
        #expect(refused["code"] == "UNAVAILABLE" && refused["retryable"] == true)
        let list = try await client.ask("registry_query", ["command": "list_models"])
        #expect(list["count"] == 1 && list["revision"] == 1)
        try await client.say(["type": "discover_peers", "from_peer_id": "c"])
        _ = try await client.channel.next("peer_list")
        store.become(.none)
        #expect(try await client.publish("bbbbbbbb")["revision"] == 2)
    }

    @Test func aFullMailboxSaysSoAtOnce() async throws {
        let fixture = try await RecordFixture()
        let store = FaultyStore(fixture.record)
        let server = fixture.server(store: store) {
            $0.mailboxWrites = 3
            $0.batchWrites = 1
        }
        let starter = try await server.bootstrap()
        let client = try await server.client(starter, "c")
        let other = try await server.client(starter, "d")
        store.become(.stalled)
        for number in 0..<4 {
            try await client.say([
                "type": "registry_publish", "request_id": .string("\(number)"),
                "model": ["id": .string(String(format8: number))],
            ])
            try await eventually("the first to be taken") { store.appends.load(ordering: .relaxed) == 1 }
        }
        #expect(try await other.publish("ffffffff")["code"] == "UNAVAILABLE")
        store.become(.none)
        try await eventually("the others") { client.channel.frames.count == 4 }
        #expect(client.channel.frames.allSatisfy { $0["type"] == "registry_published" })
    }

    @Test func tooManyRequestsAreToldHowLongToWait() async throws {
        let server = try await RecordFixture().server { $0.limits.requestsPerSecond = 3 }
        let starter = try await server.bootstrap()
        let client = try await server.client(starter, "c")
        var codes: [String?] = []
        for number in 0..<6 {
            let reply = try await client.ask("registry_query", ["command": "list_models"], id: "\(number)")
            codes.append(reply["code"]?.stringValue)
            if reply["code"] != nil { #expect((reply["retry_after_ms"]?.intValue ?? 0) > 0) }
        }
        #expect(codes.prefix(3) == [nil, nil, nil])
        #expect(codes.contains("RATE_LIMITED"))
        #expect(client.channel.closed == nil)
    }

    @Test func badRequestsAreNamedAndLoseNothing() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap()
        let client = try await server.client(starter, "c")
        for (type, fields, code): (String, JSONObject, String) in [
            ("registry_publish", [:], "INVALID_MESSAGE"), ("registry_publish", ["model": [:]], "INVALID_MESSAGE"),
            ("registry_publish", ["model": ["id": "XYZ"]], "INVALID_MESSAGE"),
            ("registry_publish", ["model": ["id": "aaaaaaaa", "tags": "x"]], "INVALID_MESSAGE"),
            ("registry_publish", ["model": ["id": "aaaaaaaa"], "alias": "-x"], "ALIAS_INVALID"),
            ("registry_alias", ["alias": "ok"], "INVALID_MESSAGE"),
            ("registry_alias", ["alias": "ok", "model_id": "aaaaaaaa"], "MODEL_NOT_FOUND"),
            ("registry_update", ["model_id": "aaaaaaaa", "set": ["digest": "x"]], "INVALID_MESSAGE"),
            ("registry_query", ["command": "drop"], "INVALID_MESSAGE"),
            ("registry_query", ["command": "list_models", "limit": 501], "INVALID_MESSAGE"),
            ("registry_query", ["command": "list_models", "sort": "colour"], "INVALID_MESSAGE"),
            ("registry_query", ["command": "compare_models", "model_ids": ["a"]], "INVALID_MESSAGE"),
            ("registry_copy", ["model_id": "aaaaaaaa", "available": true], "FORBIDDEN"),
            ("registry_fly", [:], "UNKNOWN_MESSAGE_TYPE"),
        ] {
            let reply = try await client.ask(type, fields)
            #expect(reply["code"]?.stringValue == code, "\(type) \(fields)")
            #expect(reply["message"] == reply["reason"] && reply["retryable"] == false)
        }
        try await client.say(["type": "registry_query", "command": "list_models"])
        #expect(try await client.channel.next("error")["code"] == "INVALID_MESSAGE")
        #expect(try await client.publish("aaaaaaaa")["revision"] == 1)
    }

    @Test func twoServersOnOneRecordMakeOneHistory() async throws {
        let fixture = try await RecordFixture()
        let servers = [fixture.server(named: "a"), fixture.server(named: "b")]
        let starter = try await servers[0].bootstrap()
        let running = servers.map { server in Task { await server.directory.run() } }
        defer { for task in running { task.cancel() } }
        var clients: [Peer] = []
        for (number, server) in servers.enumerated() {
            let client = try await server.client(starter, "c\(number)")
            _ = try await client.ask("registry_subscribe", id: "s")
            _ = try await client.channel.next("registry_snapshot")
            clients.append(client)
        }
        try await withThrowingTaskGroup { tasks in
            for (number, client) in clients.enumerated() {
                tasks.addTask {
                    for count in 0..<40 {
                        let reply = try await client.publish(
                            String(format8: number * 1000 + count), request: "p\(count)")
                        #expect(reply["type"] == "registry_published", "\(reply)")
                    }
                }
            }
            try await tasks.waitForAll()
        }
        for client in clients {
            try await eventually("all events") {
                client.channel.frames.count { $0["type"] == "registry_event" } == 80
            }
            let revisions = client.channel.frames.filter { $0["type"] == "registry_event" }.map {
                $0["revision"]?.intValue
            }
            #expect(revisions == Array(1...80))
        }
    }
}

extension String {
    /// Eight digits, so that it is a model id.
    init(format8 number: Int) {
        let digits = String(number)
        self = String(repeating: "0", count: 8 - digits.count) + digits
    }
}
