import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct TwoServersTests {
    @Test func twoServersWriteOneRoomAndEveryWatcherSeesEachChangeOnceInOrder() async throws {
        let one = try await Service()
        let starter = try await one.starter()
        let two = try await Service(sharing: one, server: "two")
        let turning = [Task { await one.directory.run() }, Task { await two.directory.run() }]
        defer { for task in turning { task.cancel() } }
        let here = try await one.client(starter, "here")
        let there = try await two.client(starter, "there")
        _ = try await here.ask(["type": "registry_subscribe"])
        _ = try await there.ask(["type": "registry_subscribe"])
        async let mine: Void = publish(0..<60, by: here)
        async let theirs: Void = publish(1000..<1060, by: there)
        _ = try await (mine, theirs)
        for peer in [here, there] {
            try await eventually("all changes") { peer.channel.frames(of: "registry_event").count >= 120 }
            let revisions = peer.channel.frames(of: "registry_event").map { $0["revision"]?.intValue ?? 0 }
            #expect(revisions == Array(1...120))
        }
        let replies = (here.channel.frames(of: "registry_published") + there.channel.frames(of: "registry_published"))
        #expect(Set(replies.compactMap { $0["revision"]?.intValue }).count == 120)
        #expect(try await one.record.head(of: starter.room.id)?.revision.number == 120)
    }

    private func publish(_ numbers: Range<Int>, by peer: Peer) async throws {
        for number in numbers {
            let reply = try await peer.publish(number.modelID)
            #expect(reply["type"] == "registry_published", "\(reply)")
        }
    }

    @Test func aNoticeIsNotLostWhileTheRecordIsAway() async throws {
        let one = try await Service()
        let starter = try await one.starter()
        let two = try await Service(sharing: one, server: "two")
        let there = try await two.client(starter, "there")
        _ = try await there.ask(["type": "registry_subscribe"])
        let reply = try await one.client(starter, "here").publish("aaaaaaaa")
        let notice = RoomNotice(
            server: ServerID("one"), room: starter.room.id,
            epoch: Epoch(trusted: reply["epoch"]?.stringValue ?? ""), base: .zero, revision: Revision(1), changes: [])
        two.manifests.fail(.unavailable)
        await there.room.hear([.committed(notice)])
        try await eventually("the try is over") { await !there.room.isFlushing }
        #expect(await there.room.manifest.revision == .zero)
        two.manifests.fail(.none)
        var rounds = RoomDirectory.Rounds()
        await two.directory.turn(&rounds)
        #expect(try await there.channel.next(type: "registry_event")["revision"] == 1)
    }

    @Test func aRestoredRoomSendsItsWatchersAwayAndGoesOnInTheNewEpoch() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let watcher = try await service.client(starter, "watcher")
        let writer = try await service.client(starter, "writer")
        _ = try await writer.publish("aaaaaaaa")
        let kept = await writer.room.manifest
        _ = try await writer.publish("bbbbbbbb")
        _ = try await watcher.ask(["type": "registry_subscribe"])
        let restored = Manifest(
            room: kept.room, epoch: Epoch(trusted: "new"), revision: kept.revision, updatedAt: kept.updatedAt)
        _ = try await service.record.restart(
            from: StoredSnapshot(
                room: kept.room, epoch: restored.epoch, revision: restored.revision, at: restored.updatedAt,
                body: restored.recorded()))
        let reply = try await writer.publish("cccccccc")
        #expect(reply["epoch"] == "new" && reply["revision"] == 2)
        #expect(watcher.channel.closing == .unavailable)
        #expect(writer.channel.closing == nil)
        #expect(try await writer.query("list_models")["count"] == 1)
    }

    @Test func aRoomThatIsGoneFromTheRecordClosesItsSockets() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter)
        try await service.record.deleteRoom(starter.room.id)
        await client.say(Peer.publish("aaaaaaaa").id("1"))
        #expect(try await client.channel.closed() == .roomDeleted)
        #expect(client.channel.frames(of: "registry_published").isEmpty)
    }
}
