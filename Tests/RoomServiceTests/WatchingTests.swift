import JSONWire
import RoomCore
import RoomService
import RoomStorage
import Testing
import WireMessages

@Suite struct WatchingTests {
    private func events(_ peer: Peer) -> [Int] {
        peer.channel.frames.filter { $0["type"] == "registry_event" }.compactMap { $0["revision"]?.intValue }
    }

    @Test func aSnapshotComesInPagesAndThenEveryChange() async throws {
        let server = try await RecordFixture().server { $0.limits.pageModels = 4 }
        let starter = try await server.bootstrap()
        let publisher = try await server.client(starter, "p")
        for number in 0..<10 { _ = try await publisher.publish(String(format8: number)) }
        let watcher = try await server.client(starter, "w")
        let reply = try await watcher.ask("registry_subscribe")
        #expect(reply["mode"] == "snapshot" && reply["revision"] == 10)
        var ids: [String] = []
        while true {
            let page = try await watcher.channel.next("registry_snapshot")
            let models = page["models"]?.arrayValue ?? []
            #expect(models.count <= 4)
            ids += models.compactMap { $0.objectValue?["id"]?.stringValue }
            if page["last"] == true { break }
        }
        #expect(ids.sorted() == (0..<10).map { String(format8: $0) })
        _ = try await publisher.publish("aaaaaaaa")
        let event = try await watcher.channel.next("registry_event")
        #expect(
            Set(event.keys) == ["type", "epoch", "revision", "at", "actor", "kind", "model_id", "model"])
        #expect(
            event["kind"] == "published" && event["revision"] == 11
                && event["actor"]?.stringValue == starter.user.id.text)
        #expect(publisher.channel.frames.isEmpty)
    }

    @Test func aResumedWatchGetsWhatItMissedOnce() async throws {
        let fixture = try await RecordFixture()
        let server = fixture.server { $0.tailChanges = 3 }
        let starter = try await server.bootstrap()
        let publisher = try await server.client(starter, "p")
        let epoch = try await publisher.publish(String(format8: 0))["epoch"] ?? .null
        for number in 1..<20 { _ = try await publisher.publish(String(format8: number)) }
        for since in [0, 5, 19, 20] {
            let watcher = try await server.client(starter, "w\(since)")
            let reply = try await watcher.ask(
                "registry_subscribe", ["since": ["epoch": epoch, "revision": .integer(since)]])
            #expect(reply["mode"] == "resume")
            try await eventually("what was missed") { events(watcher).count == 20 - since }
            #expect(events(watcher) == Array((since + 1)..<21))
        }
        let stranger = try await server.client(starter, "x")
        let other = try await stranger.ask("registry_subscribe", ["since": ["epoch": "other", "revision": 5]])
        #expect(other["mode"] == "snapshot")
        let ahead = try await stranger.ask("registry_subscribe", ["since": ["epoch": epoch, "revision": 99]])
        #expect(ahead["mode"] == "snapshot")
    }

    @Test func aCompactedHistoryIsASnapshotAndReadingItSaysSo() async throws {
        let fixture = try await RecordFixture()
        let server = fixture.server()
        let starter = try await server.bootstrap()
        let publisher = try await server.client(starter, "p")
        var epoch = JSONValue.null
        for number in 0..<5 { epoch = try await publisher.publish(String(format8: number))["epoch"] ?? .null }
        let room = starter.room.id
        let list = try await publisher.ask("registry_query", ["command": "list_models"])
        #expect(list["count"] == 5)
        let manifest = Manifest(
            room: room, epoch: try #require(epoch.stringValue.flatMap(Epoch.init)), updatedAt: Timestamp(seconds: 0))
        var folded = manifest
        for stored in try await fixture.record.changes(of: room, after: .zero, limit: 4, subject: nil) {
            folded.apply(try Change(recorded: stored.body))
        }
        try await fixture.record.store(
            StoredSnapshot(
                room: room, epoch: folded.epoch, revision: folded.revision, at: folded.updatedAt,
                body: folded.recorded()))
        try await fixture.record.compact(room, below: Revision(4))
        let watcher = try await server.client(starter, "w")
        #expect(
            try await watcher.ask("registry_subscribe", ["since": ["epoch": epoch, "revision": 1]])["mode"]
                == "snapshot")
        #expect(
            try await watcher.ask("registry_subscribe", ["since": ["epoch": epoch, "revision": 4]])["mode"] == "resume")
        let past = try await watcher.ask("registry_query", ["command": "manifest", "at_revision": 2])
        #expect(past["code"] == "COMPACTED" && past["oldest_revision"] == 4)
        #expect(try await watcher.ask("registry_query", ["command": "manifest", "at_revision": 4])["revision"] == 4)
    }

    @Test func aSlowWatcherCatchesUpWithoutGapOrRepeat() async throws {
        for tail in [2, 1000] {
            let server = try await RecordFixture().server { $0.tailChanges = tail }
            let starter = try await server.bootstrap()
            let publisher = try await server.client(starter, "p")
            let watcher = try await server.client(starter, "w")
            _ = try await watcher.ask("registry_subscribe")
            watcher.channel.pendingBytes = 7 << 20
            for number in 0..<30 { _ = try await publisher.publish(String(format8: number)) }
            #expect(events(watcher).isEmpty && watcher.channel.closed == nil)
            watcher.channel.pendingBytes = 0
            await watcher.room.drained(try #require(watcher.session))
            try await eventually("the rest") { events(watcher).count == 30 }
            _ = try await publisher.publish("aaaaaaaa")
            try await eventually("the newest") { events(watcher).count == 31 }
            #expect(events(watcher) == Array(1...31))
        }
    }

    @Test func filtersLetThroughWhatMatchesOrDid() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap()
        let publisher = try await server.client(starter, "p")
        let watcher = try await server.client(starter, "w")
        _ = try await watcher.ask("registry_subscribe", ["filters": ["tags": ["x"]]])
        _ = try await publisher.publish("aaaaaaaa", ["tags": ["x"]])
        _ = try await publisher.publish("bbbbbbbb")
        _ = try await publisher.ask("registry_update", ["model_id": "aaaaaaaa", "remove_tags": ["x"]])
        _ = try await publisher.ask("registry_update", ["model_id": "aaaaaaaa", "add_tags": ["z"]])
        _ = try await watcher.ask("registry_query", ["command": "list_models"])
        #expect(events(watcher) == [1, 3])
        _ = try await watcher.ask("registry_unsubscribe", id: "u")
        _ = try await publisher.publish("cccccccc", ["tags": ["x"]])
        _ = try await watcher.ask("registry_query", ["command": "list_models"])
        #expect(events(watcher) == [1, 3])
    }

    @Test func presenceIsToldOfWorkersToThoseWhoAsked() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap(worker: "gpu-1")
        let asked = try await server.client(starter, "a")
        let other = try await server.client(starter, "b")
        _ = try await asked.ask("registry_subscribe", ["presence": true])
        _ = try await other.ask("registry_subscribe")
        let worker = try await server.worker(starter, "w", ["metadata": ["properties": ["gpu": 1]]])
        let event = try await asked.channel.next("presence_event")
        #expect(
            event["peer_id"] == "w" && event["role"] == "worker" && event["online"] == true
                && event["properties"] == ["gpu": 1])
        _ = try await server.client(starter, "c")
        _ = try await worker.publish("aaaaaaaa")
        try await worker.leave()
        #expect(try await asked.channel.next("presence_event")["online"] == false)
        let info = try await other.ask("registry_query", ["command": "check_model_exists", "model_id": "aaaaaaaa"])
        #expect(info["exists"] == true && info["available_on_workers"] == [])
        #expect(!other.channel.frames.contains { $0["type"] == "presence_event" })
        #expect(!asked.channel.frames.contains { $0["type"] == "presence_event" })
    }
}
