import RoomCore
import RoomStorage
import Testing

extension LiveRoomsDuties {
    static let presence: [Duty<LiveRoomsUnderTest>] = [
        Duty("a peer of one server is present to the other, as it was given") { rooms in
            let ears = await LiveEars(rooms)
            await rooms.renewBoth()
            #expect(await rooms.there.presence(in: ears.room) == [])
            let worker = PresentPeer(
                room: ears.room, peer: PeerID(trusted: "worker-a b"), server: rooms.hereID, session: "s1",
                owner: "key:7", role: .worker, worker: WorkerName(trusted: "мышь 1"),
                connectedAt: Timestamp(microseconds: -1), card: Array(0...255))
            let client = rooms.peer("client", in: ears.room, on: rooms.thereID)
            rooms.here.enter(worker)
            rooms.there.enter(client)
            await rooms.settle()
            for view in [rooms.here, rooms.there] {
                #expect(sorted(await view.presence(in: ears.room)) == [client, worker])
            }
            ears.close()
        },
        Duty("who follows a room hears who arrives and leaves on another server, in order") { rooms in
            let ears = await LiveEars(rooms)
            await rooms.renewBoth()
            let (first, second) = (rooms.peer("p", in: ears.room, session: "1"), rooms.peer("q", in: ears.room))
            for peer in [first, second] { rooms.here.enter(peer) }
            rooms.here.leave(first)
            #expect(await ears.there.wait(for: .left(first)) == [.arrived(first), .arrived(second), .left(first)])
            let mark = rooms.peer("r", in: ears.room, on: rooms.thereID)
            rooms.there.enter(mark)
            #expect(await ears.here.wait(for: .arrived(mark)) == [.arrived(mark)])
            ears.close()
        },
        Duty("a peer leaves by its own session only, and only once") { rooms in
            let ears = await LiveEars(rooms)
            await rooms.renewBoth()
            let peer = rooms.peer("p", in: ears.room, session: "new")
            rooms.here.enter(peer)
            await rooms.settle()
            rooms.there.leave(rooms.peer("p", in: ears.room, on: rooms.thereID, session: "old"))
            await rooms.settle()
            #expect(await rooms.here.presence(in: ears.room) == [peer])
            rooms.here.leave(peer)
            rooms.here.leave(peer)
            let mark = rooms.peer("mark", in: ears.room)
            rooms.here.enter(mark)
            #expect(await ears.there.wait(for: .arrived(mark)) == [.arrived(peer), .left(peer), .arrived(mark)])
            #expect(await rooms.here.presence(in: ears.room) == [mark])
            ears.close()
        },
        Duty("a peer that came again on another server is present there, whatever the first renews") { rooms in
            let ears = await LiveEars(rooms)
            await rooms.renewBoth()
            let before = rooms.peer("p", in: ears.room, session: "old")
            let again = rooms.peer("p", in: ears.room, on: rooms.thereID, session: "new")
            rooms.here.enter(before)
            await rooms.settle()
            rooms.there.enter(again)
            await rooms.settle()
            rooms.here.renew([before], of: rooms.hereID, for: .seconds(30))
            rooms.here.leave(before)
            await rooms.settle()
            #expect(await rooms.here.presence(in: ears.room) == [again])
            ears.close()
        },
    ]

    static let leases: [Duty<LiveRoomsUnderTest>] = [
        Duty("a renewal enters peers that were lost, in all their rooms") { rooms in
            let ears = await LiveEars(rooms)
            let other = newRoomID()
            let here = (0..<500).map { rooms.peer("p\($0)", in: ears.room) }
            let elsewhere = rooms.peer("p0", in: other)
            rooms.here.renew(here + [elsewhere], of: rooms.hereID, for: .seconds(30))
            rooms.here.renew([], of: rooms.hereID, for: .seconds(30))
            await rooms.settle()
            #expect(sorted(await rooms.there.presence(in: ears.room)) == sorted(here))
            #expect(await rooms.there.presence(in: other) == [elsewhere])
            ears.close()
        },
        Duty("a server that does not renew is gone with its peers, one that does stays") { rooms in
            let ears = await LiveEars(rooms)
            let leaving = rooms.peer("leaving", in: ears.room)
            let staying = rooms.peer("staying", in: ears.room, on: rooms.thereID)
            rooms.here.renew([leaving], of: rooms.hereID, for: .seconds(2))
            rooms.there.renew([staying], of: rooms.thereID, for: .seconds(2))
            await rooms.settle()
            #expect(await rooms.there.servers()?.isSuperset(of: [rooms.hereID, rooms.thereID]) == true)
            try await rooms.pass(.milliseconds(1_200))
            rooms.there.renew([staying], of: rooms.thereID, for: .seconds(2))
            try await rooms.pass(.milliseconds(1_200))
            #expect(await rooms.there.presence(in: ears.room) == [staying])
            let living = await rooms.there.servers()
            #expect(living?.contains(rooms.thereID) == true)
            #expect(living?.contains(rooms.hereID) == false)
            ears.close()
        },
        Duty("a server that comes back within no term brings its peers back") { rooms in
            let ears = await LiveEars(rooms)
            let peer = rooms.peer("p", in: ears.room)
            rooms.here.renew([peer], of: rooms.hereID, for: .seconds(1))
            await rooms.settle()
            try await rooms.pass(.milliseconds(1_200))
            #expect(await rooms.there.presence(in: ears.room) == [])
            await rooms.settle()
            rooms.here.renew([peer], of: rooms.hereID, for: .seconds(30))
            await rooms.settle()
            #expect(await rooms.there.presence(in: ears.room) == [peer])
            ears.close()
        },
    ]

    private static func sorted(_ peers: [PresentPeer]?) -> [PresentPeer]? { peers?.sorted { $0.peer < $1.peer } }
}

extension LiveRoomsUnderTest {
    /// Both servers live.
    func renewBoth() async {
        here.renew([], of: hereID, for: .seconds(30))
        there.renew([], of: thereID, for: .seconds(30))
        await settle()
    }
}
