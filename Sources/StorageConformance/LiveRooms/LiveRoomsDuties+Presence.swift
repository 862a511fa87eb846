import RoomCore
import RoomStorage
import Testing

extension LiveRoomsDuties {
    static let presence: [Duty<LiveRoomsUnderTest>] = [
        Duty("a peer of one server is present to the other") { rooms in
            let room = RoomID(trusted: uniqueHex())
            #expect(await rooms.there.presence(in: room).isEmpty)
            let worker = PresentPeer(
                room: room, peer: PeerID(trusted: "worker-a b"), session: "s1", role: .worker,
                worker: WorkerName(trusted: "мышь 1"))
            let client = peer("client", in: room)
            await rooms.here.renew([worker], of: rooms.hereID, for: .seconds(30))
            await rooms.there.renew([client], of: rooms.thereID, for: .seconds(30))
            for view in [rooms.here, rooms.there] {
                #expect(sorted(await view.presence(in: room)) == [client, worker])
            }
        },
        Duty("peers of one renewal may be in several rooms") { rooms in
            let one = peer("p", in: RoomID(trusted: uniqueHex()))
            let other = peer("p", in: RoomID(trusted: uniqueHex()))
            await rooms.here.renew([one, other], of: rooms.hereID, for: .seconds(30))
            await rooms.here.renew([], of: rooms.hereID, for: .seconds(30))
            #expect(await rooms.there.presence(in: one.room) == [one])
            #expect(await rooms.there.presence(in: other.room) == [other])
        },
        Duty("a lease that is not renewed ends, and a renewed one goes on") { rooms in
            let room = RoomID(trusted: uniqueHex())
            let (leaving, staying) = (peer("leaving", in: room), peer("staying", in: room))
            await rooms.here.renew([leaving, staying], of: rooms.hereID, for: .seconds(2))
            try await rooms.pass(.milliseconds(1_200))
            await rooms.here.renew([staying], of: rooms.hereID, for: .seconds(2))
            try await rooms.pass(.milliseconds(1_200))
            #expect(await rooms.there.presence(in: room) == [staying])
            try await rooms.pass(.milliseconds(1_200))
            #expect(await rooms.there.presence(in: room).isEmpty)
        },
        Duty("a peer leaves by its own session only") { rooms in
            let room = RoomID(trusted: uniqueHex())
            let peer = peer("p", in: room, session: "new")
            await rooms.here.renew([peer], of: rooms.hereID, for: .seconds(30))
            await rooms.there.leave(peer.peer, in: room, session: "old")
            #expect(await rooms.here.presence(in: room) == [peer])
            await rooms.there.leave(peer.peer, in: room, session: "new")
            #expect(await rooms.here.presence(in: room).isEmpty)
            await rooms.here.leave(peer.peer, in: room, session: "new")
        },
        Duty("a peer that came again under a new session is present once") { rooms in
            let room = RoomID(trusted: uniqueHex())
            await rooms.here.renew([peer("p", in: room, session: "old")], of: rooms.hereID, for: .seconds(30))
            let again = peer("p", in: room, session: "new")
            await rooms.there.renew([again], of: rooms.thereID, for: .seconds(30))
            #expect(await rooms.here.presence(in: room) == [again])
        },
    ]

    private static func peer(_ name: String, in room: RoomID, session: String = "s") -> PresentPeer {
        PresentPeer(room: room, peer: PeerID(trusted: name), session: session, role: .client, worker: nil)
    }

    private static func sorted(_ peers: [PresentPeer]) -> [PresentPeer] { peers.sorted { $0.peer < $1.peer } }
}
