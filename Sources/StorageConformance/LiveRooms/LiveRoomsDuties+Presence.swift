import RoomCore
import RoomStorage
import Testing

extension LiveRoomsDuties {
    static let presence: [Duty<LiveRoomsUnderTest>] = [
        Duty("a peer of one server is present to the other, as it was given") { rooms in
            let room = rooms.newRoom()
            await rooms.live()
            #expect(await rooms.there.presence(in: room) == [])
            let worker = rooms.peer("worker-a b", in: room, of: rooms.hereID, worker: WorkerName(trusted: "мышь 1"))
            let client = rooms.peer("client", in: room, of: rooms.thereID)
            rooms.here.enter(worker)
            rooms.there.enter(client)
            for view in [rooms.here, rooms.there] { _ = await view.presence(in: room) }
            for view in [rooms.here, rooms.there] { #expect(await rooms.sorted(view, room) == [client, worker]) }
        },
        Duty("arrivals and departures are told to servers that follow") { rooms in
            let room = rooms.newRoom()
            let (inbox, listener) = await rooms.listen(on: rooms.there, as: rooms.thereID, following: [room])
            let peer = rooms.peer("p", in: room, of: rooms.hereID)
            rooms.here.enter(peer)
            rooms.here.leave(peer)
            #expect(await inbox.wait { $0.count >= 2 } == [.arrived(peer), .left(peer)])
            listener.cancel()
        },
        Duty("a peer leaves by its own session only") { rooms in
            let room = rooms.newRoom()
            await rooms.live()
            let (inbox, listener) = await rooms.listen(on: rooms.here, as: rooms.hereID, following: [room])
            let old = rooms.peer("p", in: room, of: rooms.thereID, session: "old")
            let new = rooms.peer("p", in: room, of: rooms.hereID, session: "new", at: 1_700_000_001)
            rooms.there.enter(old)
            #expect(await rooms.there.presence(in: room) == [old])
            rooms.here.enter(new)
            #expect(await rooms.here.presence(in: room) == [new])
            rooms.there.leave(old)
            #expect(await rooms.there.presence(in: room) == [new])
            rooms.here.leave(new)
            #expect(await rooms.here.presence(in: room) == [])
            let mark = rooms.peer("mark", in: room, of: rooms.thereID)
            rooms.there.enter(mark)
            #expect(await inbox.hears(.arrived(mark)))
            #expect(inbox.all == [.arrived(old), .arrived(mark)])
            listener.cancel()
        },
        Duty("a peer that was lost is entered by the renewal") { rooms in
            let (one, other) = (rooms.newRoom(), rooms.newRoom())
            let peers = [one, other].map { rooms.peer("p", in: $0, of: rooms.hereID) }
            rooms.here.renew(peers, of: rooms.hereID, for: .seconds(30))
            #expect(await rooms.here.presence(in: one) == [peers[0]])
            #expect(await rooms.here.presence(in: other) == [peers[1]])
        },
        Duty("a renewal does not bring back an earlier session") { rooms in
            let room = rooms.newRoom()
            await rooms.live()
            let old = rooms.peer("p", in: room, of: rooms.hereID, session: "old")
            let new = rooms.peer("p", in: room, of: rooms.thereID, session: "new", at: 1_700_000_001)
            rooms.there.enter(new)
            #expect(await rooms.there.presence(in: room) == [new])
            rooms.here.renew([old], of: rooms.hereID, for: .seconds(30))
            #expect(await rooms.here.presence(in: room) == [new])
            rooms.there.leave(new)
            #expect(await rooms.there.presence(in: room) == [])
            rooms.here.enter(old)
            // Answered in order: the old one is in before the other server renews.
            #expect(await rooms.here.presence(in: room) == [old])
            rooms.there.renew([new], of: rooms.thereID, for: .seconds(30))
            #expect(await rooms.there.presence(in: room) == [new])
        },
        Duty("who leaves during a renewal of many stays away") { rooms in
            let room = rooms.newRoom()
            let peers = (0..<5_000).map { rooms.peer("p\($0)", in: room, of: rooms.hereID) }
            rooms.here.renew(peers, of: rooms.hereID, for: .seconds(30))
            rooms.here.leave(peers[4_999])
            rooms.here.leave(peers[0])
            let expected = Set(peers[1..<4_999].map(\.peer))
            var present: Set<PeerID> = []
            for _ in 0..<500 where present != expected {
                present = Set((await rooms.here.presence(in: room) ?? []).map(\.peer))
            }
            #expect(present == expected)
        },
    ]

    static let leases: [Duty<LiveRoomsUnderTest>] = [
        Duty("peers of a server that does not renew are gone, and come back with it") { rooms in
            let room = rooms.newRoom()
            let (leaving, staying) = (
                rooms.peer("leaving", in: room, of: rooms.hereID), rooms.peer("staying", in: room, of: rooms.thereID)
            )
            rooms.here.renew([leaving], of: rooms.hereID, for: .seconds(60))
            rooms.there.renew([staying], of: rooms.thereID, for: .seconds(60))
            #expect(await rooms.here.presence(in: room) != nil)
            #expect(await rooms.sorted(rooms.there, room) == [leaving, staying])
            rooms.here.renew([], of: rooms.hereID, for: .milliseconds(200))
            _ = await rooms.here.servers()
            try await rooms.pass(.milliseconds(400))
            #expect(await rooms.there.presence(in: room) == [staying])
            rooms.here.renew([leaving], of: rooms.hereID, for: .seconds(60))
            #expect(await rooms.here.presence(in: room)?.count == 2)
        },
        Duty("the servers that live are known") { rooms in
            let both = Set([rooms.hereID, rooms.thereID])
            await rooms.live()
            #expect(await rooms.there.servers()?.intersection(both) == both)
            rooms.here.renew([], of: rooms.hereID, for: .milliseconds(200))
            _ = await rooms.here.servers()
            try await rooms.pass(.milliseconds(400))
            #expect(await rooms.there.servers()?.intersection(both) == [rooms.thereID])
        },
    ]
}

extension LiveRoomsUnderTest {
    /// Gives both servers a lease that outlives the check, and waits until both see it.
    func live() async {
        here.renew([], of: hereID, for: .seconds(60))
        there.renew([], of: thereID, for: .seconds(60))
        _ = await here.servers()
        _ = await there.servers()
    }

    func sorted(_ view: any LiveRooms, _ room: RoomID) async -> [PresentPeer]? {
        await view.presence(in: room)?.sorted { $0.peer < $1.peer }
    }
}
