import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// The mesh's admin over several servers.
@Suite struct AdminTests {
    private static let claim: JSONObject = ["is_admin": true]

    @Test func everyServerNamesTheSameAdmin() async throws {
        let pair = try await AcrossServersTests.Pair()
        let first = try await pair.one.worker(pair.ann, "w1", with: Self.claim)
        try await eventually("w1 is known") { await pair.two.directory.knows("w1", in: pair.ann.room.id) }
        let second = try await pair.two.worker(pair.ann, "w2", with: Self.claim)
        #expect(second.channel.types == ["admin_conflict", "registered_auth"])
        #expect(second.channel.frames.first?["current_admin"] == "w1")
        #expect(second.channel.frames.last?["admin_peer_id"] == "w1")
        await first.leave()
        try await eventually("w1 is gone") { await !second.room.knowsRemote("w1") }
        let third = try await pair.two.client(pair.ann, "alice")
        #expect(third.channel.frames.last?["admin_peer_id"] == .null)
        let fourth = try await pair.two.worker(pair.ann, "w4", with: Self.claim)
        #expect(fourth.channel.frames.last?["admin_peer_id"] == "w4")
    }

    @Test func ofTwoThatClaimAtOneMomentOneGivesWay() async throws {
        let pair = try await AcrossServersTests.Pair()
        let claimant = try await pair.one.worker(pair.ann, "w2", with: Self.claim)
        let room = claimant.room
        let rival = PresentPeer(
            room: pair.ann.room.id, peer: PeerID(trusted: "w1"), server: ServerID("two"), session: "s",
            owner: "user:x", role: .worker, worker: WorkerName(trusted: "w1"), connectedAt: pair.one.clock.now,
            card: Array(#"{"metadata":{},"admin_since":\#(pair.one.clock.now.microseconds - 1)}"#.utf8))
        await room.hear([.arrived(rival)])
        #expect(try await claimant.channel.next(type: "admin_conflict")["current_admin"] == "w1")
        #expect(await room.admin?.text == "w1")
        await room.hear([.left(rival)])
        #expect(await room.admin == nil)
    }

    @Test func theAdminOfAServerThatDiedIsNoneAnyMore() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let worker = try await service.worker(starter, "w2")
        let lost = PresentPeer(
            room: starter.room.id, peer: PeerID(trusted: "w1"), server: ServerID("gone"), session: "s",
            owner: "user:x", role: .worker, worker: nil, connectedAt: service.clock.now,
            card: Array(#"{"metadata":{},"admin_since":1}"#.utf8))
        await worker.room.hear([.arrived(lost)])
        #expect(await worker.room.admin?.text == "w1")
        await worker.room.dropRemotes(notOn: [ServerID("one")])
        #expect(await worker.room.admin == nil)
    }

    @Test func theAdminKeepsItsPlaceThroughANewSocketOnAnotherServer() async throws {
        let pair = try await AcrossServersTests.Pair()
        let first = try await pair.one.worker(pair.ann, "w1", with: Self.claim)
        try await eventually("w1 is known") { await pair.two.directory.knows("w1", in: pair.ann.room.id) }
        pair.one.clock.advance(seconds: 1)
        let second = try await pair.two.worker(pair.ann, "w1")
        #expect(second.channel.frames.last?["admin_peer_id"] == "w1")
        #expect(try await first.channel.closed() == .replaced)
        try await eventually("it moved") { await first.room.hasMoved("w1") }
        #expect(await first.room.admin?.text == "w1")
    }

    @Test func nobodyBecomesAdminByMetadata() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let worker = try await service.worker(
            starter, "w1", with: ["metadata": ["admin_since": 1, "reserved": ["holder": "x", "until": 9]]])
        #expect(await worker.room.admin == nil)
        let present = await worker.room.present.first
        #expect(PresenceCard(present?.card ?? []).adminSince == nil)
        #expect(PresenceCard(present?.card ?? []).reservation == nil)
    }
}
