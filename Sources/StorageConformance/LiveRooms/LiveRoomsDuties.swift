import RoomCore
import RoomStorage
import Testing

/// The duties of ``LiveRooms``.
package enum LiveRoomsDuties {
    package static let all: [Duty<LiveRoomsUnderTest>] = notices + presence

    static let notices: [Duty<LiveRoomsUnderTest>] = [
        Duty("a notice reaches the other server as it was given") { rooms in
            let inbox = Inbox()
            let listener = await rooms.there.listen(as: rooms.thereID, hear: inbox.hear)
            let notice = rooms.notice(RoomID(trusted: uniqueHex()), 7)
            await rooms.here.announce(notice)
            #expect(await inbox.wait { $0.contains(notice) }.contains(notice))
            listener.cancel()
        },
        Duty("notices of a room are heard in order, those of all rooms") { rooms in
            let inbox = Inbox()
            let listener = await rooms.there.listen(as: rooms.thereID, hear: inbox.hear)
            let ids = (0..<4).map { _ in RoomID(trusted: uniqueHex()) }
            await withTaskGroup(of: Void.self) { group in
                for id in ids {
                    group.addTask {
                        for revision in 1...50 { await rooms.here.announce(rooms.notice(id, revision)) }
                    }
                }
            }
            let heard = await inbox.wait { heard in
                ids.allSatisfy { id in heard.contains { $0.room == id && $0.revision == Revision(50) } }
            }
            for id in ids {
                let revisions = heard.filter { $0.room == id }.map(\.revision.number)
                #expect(Set(revisions) == Set(1...50))
                #expect(revisions == revisions.sorted())
            }
            listener.cancel()
        },
        Duty("a server does not hear itself") { rooms in
            let inbox = Inbox()
            let listener = await rooms.here.listen(as: rooms.hereID, hear: inbox.hear)
            let room = RoomID(trusted: uniqueHex())
            await rooms.here.announce(rooms.notice(room, 1))
            let mark = rooms.notice(room, 2, from: rooms.thereID)
            await rooms.there.announce(mark)
            #expect(await inbox.wait { $0.contains(mark) }.filter { $0.room == room } == [mark])
            listener.cancel()
        },
        Duty("every listener of a server hears") { rooms in
            let inboxes = [Inbox(), Inbox()]
            var listeners: [LiveListener] = []
            for inbox in inboxes { listeners.append(await rooms.there.listen(as: rooms.thereID, hear: inbox.hear)) }
            let notice = rooms.notice(RoomID(trusted: uniqueHex()), 1)
            await rooms.here.announce(notice)
            for inbox in inboxes { #expect(await inbox.wait { $0.contains(notice) }.contains(notice)) }
            for listener in listeners { listener.cancel() }
        },
        Duty("a listener that was cancelled or let go hears nothing more") { rooms in
            let inboxes = [Inbox(), Inbox(), Inbox()]
            let cancelled = await rooms.there.listen(as: rooms.thereID, hear: inboxes[0].hear)
            var released: LiveListener? = await rooms.there.listen(as: rooms.thereID, hear: inboxes[1].hear)
            let kept = await rooms.there.listen(as: rooms.thereID, hear: inboxes[2].hear)
            cancelled.cancel()
            cancelled.cancel()
            #expect(released != nil)
            released = nil
            let notice = rooms.notice(RoomID(trusted: uniqueHex()), 1)
            await rooms.here.announce(notice)
            #expect(await inboxes[2].wait { $0.contains(notice) }.contains(notice))
            #expect(!inboxes[0].all.contains(notice))
            #expect(!inboxes[1].all.contains(notice))
            kept.cancel()
        },
    ]
}

extension LiveRoomsUnderTest {
    func notice(_ room: RoomID, _ revision: Int, from server: ServerID? = nil) -> RoomNotice {
        RoomNotice(server: server ?? hereID, room: room, epoch: epoch, revision: Revision(revision))
    }
}
