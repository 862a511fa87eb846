import JSONWire
import RoomCore
import RoomService
import RoomStorage
import Testing
import WireMessages

@Suite struct ReadingTests {
    private func room(_ edit: (inout ServiceSettings) -> Void = { _ in }) async throws -> (
        RecordFixture, ServerFixture, Starter, Peer
    ) {
        let fixture = try await RecordFixture()
        let server = fixture.server { edit(&$0) }
        let starter = try await server.bootstrap()
        return (fixture, server, starter, try await server.client(starter, "c"))
    }

    @Test func historyTellsWhatEachChangeDid() async throws {
        let (_, _, _, client) = try await room()
        _ = try await client.ask("registry_publish", ["model": ["id": "aaaaaaaa", "notes": "one"], "alias": "prod"])
        _ = try await client.publish("bbbbbbbb")
        _ = try await client.ask("registry_update", ["model_id": "aaaaaaaa", "set": ["notes": "two"]])
        _ = try await client.ask(
            "registry_alias", ["alias": "prod", "model_id": "bbbbbbbb", "force": true, "reason": "better"])
        func history(_ fields: JSONObject) async throws -> [JSONObject] {
            var fields = fields
            fields["command"] = "history"
            let reply = try await client.ask("registry_query", fields)
            return reply["changes"]?.arrayValue?.compactMap(\.objectValue) ?? []
        }
        #expect(try await history([:]).map { $0["revision"]?.intValue } == [1, 2, 3, 4])
        #expect(try await history(["after_revision": 2, "limit": 1]).map { $0["revision"]?.intValue } == [3])
        #expect(try await history(["alias": "prod"]).map { $0["revision"]?.intValue } == [1, 4])
        let changes = try await history(["model_id": "aaaaaaaa"])
        #expect(changes.map { $0["kind"]?.stringValue } == ["published", "updated", "aliased"])
        #expect(changes.first?["before"] == .null)
        #expect(changes[1]["before"]?.objectValue?["notes"] == "one")
        #expect(changes[1]["after"]?.objectValue?["notes"] == "two")
        #expect(changes[2]["reason"] == "better" && changes[2]["alias"] == "prod")
    }

    @Test func thePastIsAnsweredByRevisionAndByTime() async throws {
        let (fixture, _, _, client) = try await room()
        _ = try await client.ask("registry_publish", ["model": ["id": "aaaaaaaa", "notes": "one"], "alias": "prod"])
        let between = fixture.clock.now()
        fixture.clock.advance(bySeconds: 3600)
        _ = try await client.ask("registry_update", ["model_id": "prod", "set": ["notes": "two"]])
        _ = try await client.publish("bbbbbbbb")
        let old = try await client.ask(
            "registry_query", ["command": "get_model_info", "model_id": "prod", "at_revision": 1])
        #expect(old["model"]?.objectValue?["notes"] == "one" && old["revision"] == 1)
        let past = try await client.ask(
            "registry_query", ["command": "manifest", "at_time": .string(between.description)])
        let manifest = try #require(past["manifest"]?.objectValue)
        #expect(manifest["models"]?.objectValue?.keys == ["aaaaaaaa"])
        #expect(manifest["aliases"] == ["prod": "aaaaaaaa"])
        #expect(manifest["version"] == "1.0")
        let now = try await client.ask("registry_query", ["command": "manifest"])
        #expect(now["manifest"]?.objectValue?["models"]?.objectValue?.count == 2)
        let before = try await client.ask(
            "registry_query", ["command": "get_model_info", "model_id": "bbbbbbbb", "at_revision": 1])
        #expect(before["code"] == "MODEL_NOT_FOUND")
        let ahead = try await client.ask("registry_query", ["command": "manifest", "at_revision": 99])
        #expect(ahead["code"] == "INVALID_MESSAGE")
    }

    @Test func aManifestOverThePageLimitIsTooLarge() async throws {
        let (_, _, _, client) = try await room { $0.limits.pageModels = 2 }
        for number in 0..<3 { _ = try await client.publish(String(format8: number)) }
        #expect(try await client.ask("registry_query", ["command": "manifest"])["code"] == "TOO_LARGE")
    }

    @Test func comparingNamesDifferencesAndTheBest() async throws {
        let (_, _, _, client) = try await room()
        _ = try await client.publish("aaaaaaaa", ["metrics": ["val_loss": 0.1]])
        _ = try await client.publish("bbbbbbbb", ["metrics": ["val_loss": 0.2]])
        let reply = try await client.ask(
            "registry_query", ["command": "compare_models", "model_ids": ["aaaaaaaa", "bbbbbbbb"]])
        #expect(reply["differences"]?.objectValue?["metrics.val_loss"] == [0.1, 0.2])
        #expect(reply["best"] == ["val_loss": "aaaaaaaa"])
        #expect(reply["models"]?.arrayValue?.count == 2)
    }

    @Test func pagesFollowEachOther() async throws {
        let (_, _, _, client) = try await room()
        for number in 0..<7 { _ = try await client.publish(String(format8: number)) }
        var ids: [String] = []
        var fields: JSONObject = ["command": "list_models", "limit": 3, "sort": "published_at"]
        while true {
            let page = try await client.ask("registry_query", fields)
            #expect(page["count"] == 7)
            ids += page["models"]?.arrayValue?.compactMap { $0.objectValue?["id"]?.stringValue } ?? []
            guard let cursor = page["next_cursor"]?.stringValue else { break }
            fields["cursor"] = .string(cursor)
        }
        #expect(ids == (0..<7).map { String(format8: $0) })
        fields["sort"] = "name"
        #expect(try await client.ask("registry_query", fields)["code"] == "INVALID_MESSAGE")
    }

    @Test func anIdleRoomLeavesMemoryAndComesBackAsItWas() async throws {
        let fixture = try await RecordFixture()
        let server = fixture.server { $0.idleRoomSeconds = 1 }
        let starter = try await server.bootstrap(worker: "gpu-1")
        let worker = try await server.worker(starter, "w")
        let published = try await worker.publish("aaaaaaaa")
        let running = Task { await server.directory.run() }
        try await worker.leave()
        try await eventually("the unloading") { server.directory.loaded(starter.room.id) == nil }
        let client = try await server.client(starter, "c")
        let info = try await client.ask("registry_query", ["command": "get_model_info", "model_id": "aaaaaaaa"])
        #expect(info["revision"] == 1 && info["epoch"] == published["epoch"])
        let copy = info["model"]?.objectValue?["copies"]?.arrayValue?.first?.objectValue
        #expect(copy?["online"] == false)
        #expect(try await fixture.record.sightings(in: starter.room.id).map(\.worker.text) == ["gpu-1"])
        running.cancel()
    }

    @Test func manyChangesLeaveASnapshotThatLoadsTheSameRoom() async throws {
        let (fixture, _, starter, client) = try await room()
        for number in 0..<1100 {
            try await client.say([
                "type": "registry_publish", "request_id": .string("\(number)"),
                "model": ["id": .string(String(format8: number % 50)), "notes": .string("\(number)")],
            ])
        }
        try await eventually("all replies") { client.channel.frames.count == 1100 }
        try await eventually("a snapshot") {
            try await fixture.record.snapshot(of: starter.room.id, atOrBefore: nil) != nil
        }
        let before = try await client.ask("registry_query", ["command": "list_models", "limit": 500])
        let again = try await fixture.server(named: "b").client(starter, "d")
        let after = try await again.ask("registry_query", ["command": "list_models", "limit": 500])
        #expect(after == before)
    }
}
