import RoomCore
import RoomStorage
import Testing

/// The duties of ``LiveRooms``.
package enum LiveRoomsDuties {
    package static let all: [Duty<LiveRoomsUnderTest>] = bus + frames + manifests + changes + presence + leases

    static let bus: [Duty<LiveRoomsUnderTest>] = [
        Duty("a commit reaches the other server as it was given") { rooms in
            let room = rooms.newRoom()
            let (inbox, listener) = await rooms.listen(on: rooms.there, as: rooms.thereID, following: [room])
            let commit = rooms.commit(room, 9, after: 6, fields: [LiveField("model", "x")])
            rooms.here.announce(commit)
            #expect(await inbox.hears(.committed(commit.notice)))
            listener.cancel()
        },
        Duty("commits of a room are heard in order") { rooms in
            let ids = (0..<4).map { _ in rooms.newRoom() }
            let (inbox, listener) = await rooms.listen(on: rooms.there, as: rooms.thereID, following: ids)
            _ = try await sideBySide(ids.count) { number in
                for revision in 1...200 { rooms.here.announce(rooms.commit(ids[number], revision)) }
            }
            let heard = await inbox.wait { heard in
                ids.allSatisfy { heard.contains(.committed(rooms.commit($0, 200).notice)) }
            }
            for id in ids {
                let revisions = heard.compactMap { news in
                    if case .committed(let notice) = news, notice.room == id { notice.revision.number } else { nil }
                }
                #expect(revisions == Array(1...200))
            }
            listener.cancel()
        },
        Duty("a server does not hear itself, nor rooms it does not follow") { rooms in
            let (followed, other) = (rooms.newRoom(), rooms.newRoom())
            let order = Array(uniqueHex().utf8)
            let (inbox, listener) = await rooms.listen(
                on: rooms.here, as: rooms.hereID, following: [followed], orders: [order])
            rooms.here.store(rooms.manifest(followed, 0))
            rooms.here.announce(rooms.commit(followed, 1))
            rooms.here.enter(rooms.peer("p", in: followed, of: rooms.hereID))
            rooms.here.broadcast(order, from: rooms.hereID)
            rooms.there.announce(rooms.commit(other, 1, from: rooms.thereID))
            let mark = rooms.commit(followed, 2, from: rooms.thereID)
            rooms.there.announce(mark)
            #expect(await inbox.hears(.committed(mark.notice)))
            #expect(inbox.all == [.committed(mark.notice)])
            listener.cancel()
        },
        Duty("a room that is no longer followed is not heard") { rooms in
            let (left, kept) = (rooms.newRoom(), rooms.newRoom())
            let (inbox, listener) = await rooms.listen(on: rooms.there, as: rooms.thereID, following: [left, kept])
            rooms.there.unfollow(left, as: rooms.thereID)
            await rooms.there.follow(kept, as: rooms.thereID)
            rooms.here.announce(rooms.commit(left, 1))
            let mark = rooms.commit(kept, 1)
            rooms.here.announce(mark)
            #expect(await inbox.hears(.committed(mark.notice)))
            #expect(inbox.all == [.committed(mark.notice)])
            await rooms.there.follow(left, as: rooms.thereID)
            let again = rooms.commit(left, 2)
            rooms.here.announce(again)
            #expect(await inbox.hears(.committed(again.notice)))
            listener.cancel()
        },
        Duty("a listener that was cancelled or let go hears nothing more") { rooms in
            let room = rooms.newRoom()
            let (cancelled, first) = await rooms.listen(on: rooms.there, as: rooms.thereID, following: [room])
            first.cancel()
            first.cancel()
            let released = Inbox(orders: [])
            var second: LiveListener? = await rooms.there.listen(as: rooms.thereID, hear: released.hear)
            #expect(second != nil)
            second = nil
            let (kept, third) = await rooms.listen(on: rooms.there, as: rooms.thereID, following: [room])
            let commit = rooms.commit(room, 1)
            rooms.here.announce(commit)
            #expect(await kept.hears(.committed(commit.notice)))
            #expect(cancelled.all.isEmpty)
            #expect(released.all.isEmpty)
            third.cancel()
        },
    ]

    static let frames: [Duty<LiveRoomsUnderTest>] = [
        Duty("frames from one server to another arrive whole and in order") { rooms in
            let (inbox, listener) = await rooms.listen(on: rooms.there, as: rooms.thereID)
            let room = rooms.newRoom()
            let frames = (0..<300).map { number in
                RoutedFrame(
                    server: rooms.thereID, room: room, peer: PeerID(trusted: "peer \(number)"), session: "s\(number)",
                    text: Array("{\"number\":\(number)}\r\n\0".utf8) + [UInt8](repeating: 0xFF, count: number * 100))
            }
            for frame in frames.dropLast() { rooms.here.route(frame) { _ in } }
            #expect(await isDelivered(frames[299], by: rooms.here))
            let last = frames[299]
            #expect(await inbox.wait { $0.contains(.frame(last)) } == frames.map { .frame($0) })
            listener.cancel()
        },
        Duty("a frame to a server that does not listen is answered so") { rooms in
            let frame = RoutedFrame(
                server: ServerID("nobody-\(uniqueHex())"), room: rooms.newRoom(), peer: PeerID(trusted: "p"),
                session: "s", text: [1])
            #expect(!(await isDelivered(frame, by: rooms.here)))
        },
        Duty("an order reaches the other server") { rooms in
            let order = Array("order \(uniqueHex())\r\n\0".utf8)
            let (inbox, listener) = await rooms.listen(on: rooms.there, as: rooms.thereID, orders: [order])
            rooms.here.broadcast(order, from: rooms.hereID)
            #expect(await inbox.hears(.order(order)))
            listener.cancel()
        },
    ]
}
