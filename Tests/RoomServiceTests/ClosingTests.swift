import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct ClosingTests {
    private func accountKeyClient(_ starter: Starter, _ peer: String, in room: Starter? = nil) -> JSONObject {
        starter.client(peer).without("jwt").with([
            "api_key": .string(starter.accountKey), "room_id": .string((room ?? starter).room.id.text),
        ])
    }

    @Test func revokingAnAccountKeyClosesItsSocketsInEveryRoomAndNoOthers() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let other = try await service.starter(room: "other")
        let here = try await service.join(accountKeyClient(starter, "here"))
        let there = try await service.join(accountKeyClient(starter, "there", in: other))
        let signedIn = try await service.client(starter, "signed-in")
        let worker = try await service.worker(starter)
        try await service.accounts.revokeAccountKey(starter.accountKey, by: starter.user.id)
        #expect(here.channel.closing == .credentialRevoked && there.channel.closing == .credentialRevoked)
        #expect(signedIn.channel.closing == nil && worker.channel.closing == nil)
        await signedIn.say(["type": "discover_peers", "from_peer_id": "signed-in"])
        #expect(signedIn.channel.frames.last?["count"] == 1)
    }

    @Test func aRemovedMembersWorkersGoTooAndDoNotComeBack() async throws {
        let service = try await Service()
        let owner = try await service.starter()
        let leaver = try await service.starter("bob", worker: "gpu-2")
        let client = try await service.client(leaver, "bob")
        let worker = try await service.worker(leaver, "bobs-worker")
        let owners = try await service.worker(owner, "owners-worker")
        try await service.accounts.removeMember(leaver.user.id, from: owner.room.id, by: owner.user.id)
        #expect(client.channel.closing == .credentialRevoked && worker.channel.closing == .credentialRevoked)
        #expect(owners.channel.closing == nil)
        await #expect(throws: AdmissionRefusal.refused("No access to this room")) {
            try await service.client(leaver, "bob")
        }
        await #expect(throws: AdmissionRefusal.refused("Token revoked")) {
            try await service.worker(leaver, "bobs-worker")
        }
    }

    @Test func aCredentialRevokedOnTheWayInIsShownOut() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let (entry, room) = try await service.directory.admit(Registration(starter.worker("w")))
        try await service.accounts.revokeWorkerToken(try #require(starter.workerToken), by: starter.user.id)
        let channel = RecordingChannel()
        let session = try #require(await room.enter(entry, channel: channel, current: nil))
        #expect(channel.closing == nil)
        await service.directory.confirm(entry, of: session, in: room)
        #expect(channel.closing == .credentialRevoked)
        #expect(await room.peerCount == 0)
    }

    @Test func aRoomThatIsDeletedWhileItIsReadTakesNobodyIn() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        service.manifests.holdReads()
        async let admitted = service.directory.admit(Registration(starter.client("alice")))
        try await eventually("the room being read") { service.manifests.held > 0 }
        async let deleted: Void = service.directory.delete(starter.room.id)
        service.manifests.release()
        let (entry, room) = try await admitted
        await deleted
        let channel = RecordingChannel()
        #expect(await room.enter(entry, channel: channel, current: nil) == nil)
        #expect(channel.closing == .roomDeleted)
        #expect(service.directory.loaded(starter.room.id) == nil)
    }

    @Test func drainingReachesRoomsThatWereReadMeanwhile() async throws {
        let service = try await Service()
        let first = try await service.starter()
        let second = try await service.starter(room: "late")
        var early: [Peer] = []
        for number in 0..<20 { early.append(try await service.client(first, "early-\(number)")) }
        async let drained: Void = service.directory.drain(over: .seconds(2))
        try await eventually("the first to go") { early.contains { $0.channel.closing == .draining } }
        let late = try await service.client(second, "late")
        await drained
        #expect(early.allSatisfy { $0.channel.closing == .draining })
        #expect(late.channel.closing == .draining)
    }

    @Test func aWorkerWhoseGreetingDidNotFitIsNotOnline() async throws {
        let service = try await Service { $0.outboxBytes = 500 }
        let starter = try await service.starter()
        let channel = RecordingChannel()
        channel.stall(at: 450)
        let worker = try await service.worker(starter, on: channel)
        #expect(worker.channel.closing == .outboxOverflow)
        #expect(await worker.room.presence.workersOnline.isEmpty)
        #expect(await worker.room.isIdle)
    }
}
