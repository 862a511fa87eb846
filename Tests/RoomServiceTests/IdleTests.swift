import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct IdleTests {
    private func turn(_ service: Service, times: Int = 1) async {
        var rounds = RoomDirectory.Rounds()
        for _ in 0..<times { await service.directory.turn(&rounds) }
    }

    @Test func anEmptyRoomLeavesMemoryAndComesBackAsItWas() async throws {
        let service = try await Service { $0.idleRoomSeconds = 3 }
        let starter = try await service.starter()
        let client = try await service.client(starter)
        let reply = try await client.publish("aaaaaaaa")
        await turn(service, times: 5)
        #expect(service.directory.loaded(starter.room.id) === client.room)
        await client.leave()
        await turn(service, times: 2)
        #expect(service.directory.loaded(starter.room.id) === client.room)
        await turn(service, times: 3)
        #expect(service.directory.loaded(starter.room.id) == nil)
        #expect(service.counters.roomsUnloaded.value == 1)
        let back = try await service.client(starter)
        #expect(back.room !== client.room)
        let greeting = try #require(back.channel.frames.first)
        #expect(greeting["epoch"] == reply["epoch"] && greeting["revision"] == 1)
        #expect(try await back.query("list_models")["count"] == 1)
    }

    @Test func aPeerOnItsWayIntoARoomThatLeftMemoryIsSentBack() async throws {
        let service = try await Service { $0.idleRoomSeconds = 1 }
        let starter = try await service.starter()
        let (entry, room) = try await service.directory.admit(Registration(starter.client("alice")))
        await turn(service)
        let channel = RecordingChannel()
        #expect(await room.enter(entry, channel: channel, current: nil) == nil)
        #expect(channel.closing == .unavailable)
        #expect(try await service.client(starter).id != nil)
    }

    @Test func aRoomThatIsReadManyTimesAtOnceIsReadOnce() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let rooms = try await withThrowingTaskGroup(of: ObjectIdentifier?.self) { group in
            for _ in 0..<20 {
                group.addTask { try await service.directory.room(starter.room.id).map { ObjectIdentifier($0) } }
            }
            return try await group.reduce(into: Set<ObjectIdentifier?>()) { $0.insert($1) }
        }
        #expect(rooms.count == 1 && !rooms.contains(nil))
        #expect(service.counters.roomsLoaded.value == 1)
        #expect(try await service.directory.room(RoomID(trusted: "nowhere")) == nil)
    }

    @Test func aSnapshotAfterManyChangesIsReadBackEqual() async throws {
        let service = try await Service {
            $0.idleRoomSeconds = 1
            $0.historyChanges = 10
        }
        let starter = try await service.starter()
        let client = try await service.client(starter)
        for start in stride(from: 0, to: 1050, by: 150) {
            await client.say(all: (start..<start + 150).map { Peer.publish($0.modelID).id("\($0)") })
            _ = try await client.channel.reply(to: "\(start + 149)")
        }
        try await eventually("a snapshot") {
            try await service.record.snapshot(of: starter.room.id, atOrBefore: nil) != nil
        }
        let before = await client.room.manifest
        await client.leave()
        await turn(service)
        #expect(service.directory.loaded(starter.room.id) == nil)
        let after = try await service.client(starter).room.manifest
        #expect(after.revision == before.revision && after.epoch == before.epoch)
        #expect(after.models.mapValues(\.model) == before.models.mapValues(\.model))
        #expect(after.byPublication == before.byPublication && after.newestVersions == before.newestVersions)
    }

    @Test func whenAWorkerWasLastSeenOutlivesTheRoomsTimeInMemory() async throws {
        let service = try await Service { $0.idleRoomSeconds = 1 }
        let starter = try await service.starter()
        let worker = try await service.worker(starter)
        _ = try await worker.publish("aaaaaaaa")
        service.clock.advance(seconds: 100)
        let left = service.clock.now
        await worker.leave()
        service.manifests.fail(.unavailable)
        await turn(service)
        service.manifests.fail(.none)
        await turn(service)
        service.clock.advance(seconds: 100)
        let client = try await service.client(starter)
        let reply = try await client.query("get_model_info", ["model_id": "aaaaaaaa"])
        let copy = try #require(reply[path: "model", "copies"]?.arrayValue?.first?.objectValue)
        #expect(copy["worker"] == "gpu-1" && copy["online"] == false)
        #expect(copy["last_seen"] == .string(left.description))
        #expect(reply[path: "model", "available_on_workers"] == [])
    }

    @Test func drainingClosesEverySocket() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        var peers: [Peer] = []
        for number in 0..<5 { peers.append(try await service.client(starter, "p\(number)")) }
        await service.directory.drain(over: .milliseconds(20))
        #expect(peers.allSatisfy { $0.channel.closing == .draining })
    }
}
