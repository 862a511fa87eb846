import RoomCore
import RoomStorage
import Synchronization
import Testing

/// The duties of ``LiveRooms``.
package enum LiveRoomsDuties {
    package static let all: [Duty<LiveRoomsUnderTest>] = notices + frames + manifests + changes + presence + leases

    static let notices: [Duty<LiveRoomsUnderTest>] = [
        Duty("a notice reaches another server that follows the room, as it was given") { rooms in
            let ears = await LiveEars(rooms)
            let commit = rooms.commit(ears.room, from: 6)
            rooms.here.announce(commit)
            #expect(await ears.there.wait(for: .committed(commit.notice)).contains(.committed(commit.notice)))
            ears.close()
        },
        Duty("notices of a room are heard in order, those of all rooms") { rooms in
            let ears = await LiveEars(rooms)
            let ids = (0..<4).map { _ in newRoomID() }
            for id in ids { await rooms.there.follow(id, as: rooms.thereID) }
            await withTaskGroup(of: Void.self) { group in
                for id in ids {
                    group.addTask { for base in 0..<50 { rooms.here.announce(rooms.commit(id, from: base)) } }
                }
            }
            let last = Set(ids.map { LiveNews.committed(rooms.commit($0, from: 49).notice) }.map { "\($0)" })
            _ = await ears.there.wait { heard in last.isSubset(of: heard.map { "\($0)" }) }
            for id in ids { #expect(ears.there.notices(of: id).map(\.revision.number) == Array(1...50)) }
            ears.close()
        },
        Duty("a server does not hear itself") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.announce(rooms.commit(ears.room, from: 0))
            await rooms.settle()
            let mark = rooms.commit(ears.room, from: 1, by: rooms.thereID).notice
            rooms.there.announce(rooms.commit(ears.room, from: 1, by: rooms.thereID))
            _ = await ears.here.wait(for: .committed(mark))
            #expect(ears.here.notices(of: ears.room) == [mark])
            ears.close()
        },
        Duty("a room that is not followed, or no more, is not heard of") { rooms in
            let ears = await LiveEars(rooms)
            let (never, nomore) = (newRoomID(), newRoomID())
            await rooms.there.follow(nomore, as: rooms.thereID)
            rooms.there.unfollow(nomore, as: rooms.thereID)
            await rooms.there.follow(newRoomID(), as: rooms.thereID)
            for room in [never, nomore, ears.room] { rooms.here.announce(rooms.commit(room, from: 0)) }
            _ = await ears.there.wait(for: .committed(rooms.commit(ears.room, from: 0).notice))
            #expect(ears.there.notices(of: never).isEmpty)
            #expect(ears.there.notices(of: nomore).isEmpty)
            #expect(ears.there.notices(of: ears.room).count == 1)
            ears.close()
        },
        Duty("a room that was followed before anybody listened is heard of") { rooms in
            let (room, inbox) = (newRoomID(), Inbox())
            await rooms.there.follow(room, as: rooms.thereID)
            let listener = await rooms.there.listen(as: rooms.thereID, hear: inbox.hear)
            let other = await rooms.here.listen(as: rooms.hereID) { _ in }
            let commit = rooms.commit(room, from: 0)
            rooms.here.announce(commit)
            #expect(await inbox.wait(for: .committed(commit.notice)).contains(.committed(commit.notice)))
            listener.cancel()
            other.cancel()
        },
        Duty("a listener that was cancelled or let go hears nothing more, the next one does") { rooms in
            let ears = await LiveEars(rooms)
            let inboxes = [Inbox(), Inbox(), Inbox()]
            let id = ServerID("third-\(uniqueHex())")
            let cancelled = await rooms.there.listen(as: id, hear: inboxes[0].hear)
            await rooms.there.follow(ears.room, as: id)
            cancelled.cancel()
            cancelled.cancel()
            var released: LiveListener? = await rooms.there.listen(as: id, hear: inboxes[1].hear)
            #expect(released != nil)
            released = nil
            let kept = await rooms.there.listen(as: id, hear: inboxes[2].hear)
            await rooms.there.follow(ears.room, as: id)
            let commit = rooms.commit(ears.room, from: 0)
            rooms.here.announce(commit)
            #expect(await inboxes[2].wait(for: .committed(commit.notice)).contains(.committed(commit.notice)))
            #expect(inboxes[0].notices(of: ears.room).isEmpty)
            #expect(inboxes[1].notices(of: ears.room).isEmpty)
            kept.cancel()
            ears.close()
        },
    ]
}
