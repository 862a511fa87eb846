import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct WatchingTests {
    private func subscribe(_ more: JSONObject = [:]) -> JSONObject {
        JSONObject(dictionaryLiteral: ("type", "registry_subscribe")).with(more)
    }

    private func revisions(_ peer: Peer) -> [Int] {
        peer.channel.frames(of: "registry_event").map { $0["revision"]?.intValue ?? 0 }
    }

    @Test func aFirstSubscriptionGetsTheModelsInPagesAndThenTheChanges() async throws {
        let service = try await Service { $0.limits.pageModels = 2 }
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        for number in 0..<5 { _ = try await writer.publish(number.modelID) }
        let watcher = try await service.client(starter, "watcher")
        let reply = try await watcher.ask(subscribe())
        #expect(reply["mode"] == "snapshot" && reply["revision"] == 5)
        let pages = watcher.channel.frames(of: "registry_snapshot")
        #expect(pages.map { $0["last"] } == [false, false, true])
        let ids = pages.flatMap { $0["models"]?.arrayValue ?? [] }.map { $0.objectValue?["id"]?.stringValue ?? "" }
        #expect(ids == (0..<5).map(\.modelID))
        _ = try await writer.publish(5.modelID, ["alias": "best"])
        let event = try await watcher.channel.next(type: "registry_event")
        #expect(event["revision"] == 6 && event["kind"] == "published" && event["alias"] == "best")
        #expect(event["model_id"] == .string(5.modelID) && event["epoch"] == reply["epoch"])
        #expect(watcher.channel.types.last == "registry_event")
    }

    @Test func theSnapshotOfAnEmptyRoomIsOneEmptyLastPage() async throws {
        let service = try await Service()
        let watcher = try await service.client(try await service.starter())
        _ = try await watcher.ask(subscribe())
        #expect(watcher.channel.frames.last == ["type": "registry_snapshot", "models": [], "last": true])
    }

    @Test func aSubscriptionResumesWhereThePeerStood() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        for number in 0..<5 { _ = try await writer.publish(number.modelID) }
        let epoch = try await writer.query("list_models")["epoch"] ?? nil
        let watcher = try await service.client(starter, "watcher")
        let reply = try await watcher.ask(subscribe(["since": ["epoch": epoch, "revision": 2]]))
        #expect(reply["mode"] == "resume" && reply["revision"] == 5)
        try await eventually("the changes") { revisions(watcher).count == 3 }
        _ = try await writer.publish(9.modelID)
        try await eventually("the next change") { revisions(watcher).count == 4 }
        #expect(revisions(watcher) == [3, 4, 5, 6])
        #expect(watcher.channel.frames(of: "registry_snapshot").isEmpty)
        let current = try await service.client(starter, "current")
        let nothing = try await current.ask(subscribe(["since": ["epoch": epoch, "revision": 6]]))
        #expect(nothing["mode"] == "resume")
        #expect(revisions(current).isEmpty)
    }

    @Test func anotherEpochAFutureRevisionAndACompactedHistoryBeginWithASnapshot() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        for number in 0..<4 { _ = try await writer.publish(number.modelID) }
        let manifest = await writer.room.manifest
        try await service.record.store(
            StoredSnapshot(
                room: manifest.room, epoch: manifest.epoch, revision: manifest.revision, at: manifest.updatedAt,
                body: manifest.recorded()))
        try await service.record.compact(manifest.room, below: manifest.revision)
        let epoch = JSONValue.string(manifest.epoch.text)
        for since: JSONValue in [
            ["epoch": "other", "revision": 2], ["epoch": epoch, "revision": 9], ["epoch": epoch, "revision": 2],
        ] {
            let watcher = try await service.client(starter, "watcher")
            #expect(try await watcher.ask(subscribe(["since": since]))["mode"] == "snapshot")
            #expect(watcher.channel.frames(of: "registry_snapshot").last?["models"]?.arrayValue?.count == 4)
        }
        let watcher = try await service.client(starter, "watcher")
        #expect(try await watcher.ask(subscribe(["since": ["epoch": epoch, "revision": 4]]))["mode"] == "resume")
        let old = try await writer.query("get_model_info", ["model_id": "00000000", "at_revision": 2])
        #expect(old["code"] == "COMPACTED" && old["oldest_revision"] == 4)
    }

    @Test func aFilterLetsThroughWhatMatchesNowOrDidBefore() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        _ = try await watcher.ask(subscribe(["filters": ["tags": ["good"]]]))
        _ = try await writer.publish("aaaaaaaa")
        _ = try await writer.ask(["type": "registry_update", "model_id": "aaaaaaaa", "add_tags": ["good"]])
        _ = try await writer.ask(["type": "registry_update", "model_id": "aaaaaaaa", "remove_tags": ["good"]])
        _ = try await writer.ask(["type": "registry_update", "model_id": "aaaaaaaa", "add_tags": ["bad"]])
        #expect(revisions(watcher) == [2, 3])
    }

    @Test func presenceIsToldToThoseWhoAskForIt() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let curious = try await service.client(starter, "curious")
        let plain = try await service.client(starter, "plain")
        let first = try await service.worker(starter, "w1")
        _ = try await curious.ask(subscribe(["presence": true]))
        _ = try await plain.ask(subscribe())
        let second = try await service.worker(starter, "w2")
        _ = try await service.client(starter, "nobody")
        await second.leave()
        await first.leave()
        let events = curious.channel.frames(of: "presence_event")
        #expect(events.map { $0["peer_id"] } == ["w1", "w2", "w2", "w1"])
        #expect(events.map { $0["online"] } == [true, true, false, false])
        #expect(events.first?["properties"] == ["status": "available"] && events.first?["role"] == "worker")
        #expect(plain.channel.frames(of: "presence_event").isEmpty)
    }

    @Test func nothingIsToldAfterUnsubscribingNorToThoseWhoNeverAsked() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        _ = try await watcher.ask(subscribe())
        _ = try await writer.publish("aaaaaaaa")
        #expect(try await watcher.ask(["type": "registry_unsubscribe"])["type"] == "registry_unsubscribed")
        _ = try await writer.publish("bbbbbbbb")
        #expect(revisions(watcher) == [1])
        #expect(revisions(writer).isEmpty)
    }
}

// MARK: - Slow watchers

extension WatchingTests {
    /// - Parameter tail: how many changes the room keeps in memory: fewer than are missed means the record is read.
    @Test(arguments: [1024, 3])
    func aSlowWatcherCatchesUpWithoutGapOrRepeat(tail: Int) async throws {
        let service = try await Service { $0.tailChanges = tail }
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        _ = try await watcher.ask(subscribe())
        _ = try await writer.publish(0.modelID)
        watcher.channel.pretend(pending: 4 << 20)
        for number in 1...20 { _ = try await writer.publish(number.modelID) }
        #expect(revisions(watcher) == [1])
        #expect(watcher.channel.closing == nil)
        watcher.channel.flow()
        await watcher.drained()
        try await eventually("the changes") { revisions(watcher).count >= 21 }
        _ = try await writer.publish(21.modelID)
        try await eventually("the next change") { revisions(watcher).count >= 22 }
        #expect(revisions(watcher) == Array(1...22))
    }

    @Test func changesFromTheRecordComeNoFasterThanThePeerTakesThem() async throws {
        let service = try await Service {
            $0.tailChanges = 1
            $0.outboxBytes = 8000
        }
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        _ = try await watcher.ask(subscribe())
        watcher.channel.stall(at: 3000)
        for number in 0..<30 { _ = try await writer.publish(number.modelID) }
        while revisions(watcher).count < 30 {
            let before = revisions(watcher).count
            watcher.channel.stall(at: 0)
            await watcher.drained()
            try await eventually("some more") { revisions(watcher).count > before }
        }
        #expect(revisions(watcher) == Array(1...30))
        #expect(watcher.channel.closing == nil)
    }

    @Test func changesReadForAnEarlierSubscriptionAreNotToldToALaterOne() async throws {
        let service = try await Service { $0.tailChanges = 1 }
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        for number in 0..<10 { _ = try await writer.publish(number.modelID) }
        let epoch = JSONValue.string(await writer.room.manifest.epoch.text)
        let watcher = try await service.client(starter, "watcher")
        #expect(try await watcher.ask(subscribe(["since": ["epoch": epoch, "revision": 10]]))["mode"] == "resume")
        service.manifests.holdReads()
        let first = subscribe(["since": ["epoch": epoch, "revision": 1]])
        let second = subscribe(["since": ["epoch": epoch, "revision": 6]])
        await watcher.say(all: [first.id("1"), second.id("2")])
        try await eventually("a held read") { service.manifests.held > 0 }
        service.manifests.release()
        _ = try await watcher.channel.reply(to: "2")
        try await eventually("the last change") { revisions(watcher).last == 10 }
        let end = try #require(watcher.channel.frames.lastIndex { $0["request_id"] == "2" })
        let after = watcher.channel.frames[end...].compactMap { $0["revision"]?.intValue }.dropFirst()
        #expect(Array(after) == [7, 8, 9, 10])
    }
}
