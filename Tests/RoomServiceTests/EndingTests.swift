import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// Rooms end: by their owner's hand, or when their time is over.
@Suite struct EndingTests {
    private func turn(_ service: Service, times: Int = 1) async {
        var rounds = RoomDirectory.Rounds()
        for _ in 0..<times { await service.directory.turn(&rounds) }
    }

    /// A room that ends soon after it began, and what a busy worker says on coming in.
    private func briefRoom(
        _ service: Service, of starter: Starter, seconds: Int64 = 60
    ) async throws -> JSONObject {
        let room = RoomRecord(
            id: RoomID(trusted: "brief"), name: "brief", createdBy: starter.user.id, createdAt: service.clock.now,
            expiresAt: service.clock.now.advanced(bySeconds: seconds))
        try await service.record.createRoom(room, epoch: Epoch(trusted: "e"))
        return ["room_id": "brief", "metadata": ["properties": ["status": "busy"]], "role": "worker"]
    }

    @Test func aRoomThatItsOwnerDeletesIsGoneOnEveryServer() async throws {
        let one = try await Service()
        let starter = try await one.starter()
        let two = try await Service(sharing: one, server: "two")
        let turning = [Task { await one.directory.run() }, Task { await two.directory.run() }]
        defer { for task in turning { task.cancel() } }
        let here = try await one.client(starter, "here")
        let there = try await two.worker(starter, "there")
        // Until it hears the other server, it has nobody to be told by.
        try await eventually("the other is known") { await there.room.descriptionsOfAll.contains("here") }
        try await one.accounts.deleteRoom(starter.room.id, by: starter.user.id)
        #expect(here.channel.closing == .roomDeleted)
        try await eventually("the word to arrive") { there.channel.closing == .roomDeleted }
        await #expect(throws: AdmissionRefusal.refused("Invalid API key")) {
            try await two.worker(starter, "there")
        }
    }

    @Test func aDeletionThatWasNotHeardIsFoundInTheRecord() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter)
        let other = try await service.client(try await service.starter(room: "other"), "other")
        try await service.record.deleteRoom(starter.room.id)
        await turn(service, times: 30)
        #expect(client.channel.closing == .roomDeleted)
        #expect(other.channel.closing == nil)
        #expect(service.directory.loaded(starter.room.id) == nil)
    }

    @Test func aWorkerAtWorkOnAnotherServerPutsTheEndOff() async throws {
        let one = try await Service()
        let starter = try await one.starter()
        let two = try await Service(sharing: one, server: "two")
        let busy = try await briefRoom(one, of: starter, seconds: 1200)
        let worker = try await two.join(starter.client("worker").with(busy))
        let client = try await one.join(starter.client("client").with(["room_id": "brief"]))
        // The other server says that it lives; the end is too far off for it to do anything.
        two.live.renew(await worker.room.present, of: ServerID("two"), for: .seconds(15))
        await client.room.refreshRemotes()
        one.clock.advance(seconds: 700)
        await turn(one)
        let end = one.clock.now.advanced(bySeconds: RoomEnding.putOffSeconds)
        #expect(try await one.record.room(RoomID(trusted: "brief"))?.expiresAt == end)
        one.clock.advance(seconds: 500)
        await turn(one)
        await turn(two)
        #expect(client.channel.closing == nil && worker.channel.closing == nil)
    }

    @Test func anEndThatAnotherServerPutOffIsReadBeforeAnybodyIsSentAway() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        _ = try await briefRoom(service, of: starter)
        let client = try await service.join(starter.client("client").with(["room_id": "brief"]))
        let brief = RoomID(trusted: "brief")
        _ = try await service.record.extendRoom(brief, to: service.clock.now.advanced(bySeconds: 90))
        service.clock.advance(seconds: 60)
        await turn(service)
        #expect(client.channel.closing == nil)
        service.clock.advance(seconds: 30)
        await turn(service)
        #expect(client.channel.closing == .roomExpired)
    }
}

extension RoomLoop {
    fileprivate var descriptionsOfAll: [String] { remotes.all.map { $0.present.peer.text } }
}
