import RoomCore
import RoomStorage
import Testing

extension LiveRoomsDuties {
    private static let otherEpoch = Epoch(trusted: "another")

    static let manifests: [Duty<LiveRoomsUnderTest>] = [
        Duty("a stored manifest is read by the other server as it was given") { rooms in
            let ears = await LiveEars(rooms)
            #expect(await rooms.there.manifest(of: ears.room) == nil)
            let manifest = LiveManifest(
                room: ears.room, epoch: epoch, revision: Revision(7),
                fields: [
                    LiveField(name: "", value: []), LiveField(name: "epoch", value: Array("мышь".utf8)),
                    LiveField(name: "модель 1", value: Array(0...255)),
                ])
            rooms.here.store(manifest)
            await rooms.settle()
            #expect(await rooms.there.manifest(of: ears.room)?.sorted == manifest)
            ears.close()
        },
        Duty("a commit moves the manifest it follows, piece by piece") { rooms in
            let ears = await LiveEars(rooms)
            let kept = LiveField(name: "kept", value: [1])
            rooms.here.store(
                LiveManifest(
                    room: ears.room, epoch: epoch, revision: Revision(4),
                    fields: [kept, LiveField(name: "last", value: [2])]))
            let commit = rooms.commit(ears.room, from: 4)
            rooms.here.announce(commit)
            await rooms.settle()
            let live = await rooms.there.manifest(of: ears.room)
            #expect(live?.revision == Revision(5))
            #expect(live?.sorted.fields == [kept] + commit.fields)
            #expect(!ears.here.all.contains(.outOfStep(ears.room)))
            ears.close()
        },
        Duty("a commit on anything but its predecessor leaves the manifest, and all are told") { rooms in
            for (standing, commit) in [(4, 5), (4, 3), (4, nil), (nil, 4)] as [(Int?, Int?)] {
                let ears = await LiveEars(rooms)
                let stored = standing.map { rooms.manifest(ears.room, at: $0) }
                if let stored { rooms.here.store(stored) }
                // Without a base of its own: the right one, in an epoch of its own.
                let commit = rooms.commit(ears.room, from: commit ?? 4, epoch: commit == nil ? otherEpoch : epoch)
                rooms.here.announce(commit)
                let heard = await ears.here.wait(for: .outOfStep(ears.room))
                #expect(heard == [.outOfStep(ears.room)])
                #expect(await ears.there.wait(for: .committed(commit.notice)) == [.committed(commit.notice)])
                #expect(await rooms.there.manifest(of: ears.room) == stored)
                ears.close()
            }
        },
        Duty("a manifest is not replaced by an older one or one as new, but by any of another epoch") { rooms in
            let ears = await LiveEars(rooms)
            let stored = rooms.manifest(ears.room, at: 10, mark: "first")
            rooms.here.store(stored)
            rooms.here.store(rooms.manifest(ears.room, at: 9, mark: "older"))
            rooms.here.store(rooms.manifest(ears.room, at: 10, mark: "as new"))
            await rooms.settle()
            #expect(await rooms.there.manifest(of: ears.room) == stored)
            for next in [
                rooms.manifest(ears.room, at: 11, mark: "newer"),
                rooms.manifest(ears.room, at: 2, epoch: otherEpoch, mark: "restored"),
            ] {
                rooms.here.store(next)
                await rooms.settle()
                #expect(await rooms.there.manifest(of: ears.room) == next)
            }
            ears.close()
        },
        Duty("pieces a replaced manifest had are gone with it") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.store(
                LiveManifest(
                    room: ears.room, epoch: epoch, revision: Revision(1), fields: [LiveField(name: "old", value: [1])]))
            let empty = LiveManifest(room: ears.room, epoch: epoch, revision: Revision(2), fields: [])
            rooms.here.store(empty)
            await rooms.settle()
            #expect(await rooms.there.manifest(of: ears.room) == empty)
            ears.close()
        },
        Duty("a room that is forgotten has no manifest") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.store(rooms.manifest(ears.room, at: 0))
            rooms.here.announce(rooms.commit(ears.room, from: 0))
            rooms.here.forget(ears.room)
            await rooms.settle()
            #expect(await rooms.there.manifest(of: ears.room) == nil)
            #expect(await rooms.there.changes(of: ears.room, after: Revision(0), in: epoch) == nil)
            ears.close()
        },
        Duty("two servers that race make one history") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.store(rooms.manifest(ears.room, at: 0))
            await rooms.settle()
            await withTaskGroup(of: Void.self) { group in
                for (view, server) in [(rooms.here, rooms.hereID), (rooms.there, rooms.thereID)] {
                    group.addTask {
                        for base in 0..<200 {
                            view.announce(rooms.commit(ears.room, from: base, by: server))
                            if base % 10 == 0 { _ = await view.servers() }
                        }
                    }
                }
            }
            await rooms.settle()
            let live = await rooms.there.manifest(of: ears.room)
            let changes = await rooms.there.changes(of: ears.room, after: Revision(0), in: epoch) ?? []
            #expect(live?.revision == Revision(200))
            #expect(live?.fields.first?.value == changes.last)
            let numbers = changes.map { String(decoding: $0, as: UTF8.self).prefix { $0 != " " } }
            #expect(numbers == (1...200).map { Substring("\($0)") })
            ears.close()
        },
    ]

    static let changes: [Duty<LiveRoomsUnderTest>] = [
        Duty("changes after a revision are those up to the live one, oldest first") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.store(rooms.manifest(ears.room, at: 3))
            let commits = (3..<9).map { rooms.commit(ears.room, from: $0) }
            for commit in commits { rooms.here.announce(commit) }
            await rooms.settle()
            let all = commits.flatMap(\.notice.changes)
            for after in 3...9 {
                let changes = await rooms.there.changes(of: ears.room, after: Revision(after), in: epoch)
                #expect(changes == Array(all.dropFirst(after - 3)))
            }
            #expect(await rooms.there.changes(of: ears.room, after: Revision(2), in: epoch) == nil)
            #expect(await rooms.there.changes(of: ears.room, after: Revision(10), in: epoch) == nil)
            #expect(await rooms.there.changes(of: ears.room, after: Revision(5), in: otherEpoch) == nil)
            #expect(await rooms.there.changes(of: newRoomID(), after: Revision(0), in: epoch) == nil)
            ears.close()
        },
        Duty("a commit of several changes keeps each") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.store(rooms.manifest(ears.room, at: 0))
            let notice = RoomNotice(
                server: rooms.hereID, room: ears.room, epoch: epoch, base: .zero, revision: Revision(3),
                changes: [[1], [2], [3]])
            rooms.here.announce(LiveCommit(notice: notice, fields: []))
            await rooms.settle()
            #expect(await rooms.there.changes(of: ears.room, after: Revision(1), in: epoch) == [[2], [3]])
            ears.close()
        },
        Duty("a commit that carries no changes leaves a gap that is not passed over") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.store(rooms.manifest(ears.room, at: 0))
            rooms.here.announce(rooms.commit(ears.room, from: 0))
            rooms.here.announce(rooms.commit(ears.room, from: 1, carriesChange: false))
            rooms.here.announce(rooms.commit(ears.room, from: 2))
            await rooms.settle()
            #expect(await rooms.there.changes(of: ears.room, after: Revision(0), in: epoch) == nil)
            #expect(await rooms.there.changes(of: ears.room, after: Revision(1), in: epoch) == nil)
            let last = rooms.commit(ears.room, from: 2).notice.changes
            #expect(await rooms.there.changes(of: ears.room, after: Revision(2), in: epoch) == last)
            ears.close()
        },
        Duty("old changes go, new ones stay") { rooms in
            let ears = await LiveEars(rooms)
            rooms.here.store(rooms.manifest(ears.room, at: 0))
            for base in 0..<1000 { rooms.here.announce(rooms.commit(ears.room, from: base)) }
            await rooms.settle()
            #expect(await rooms.there.changes(of: ears.room, after: Revision(0), in: epoch) == nil)
            #expect(await rooms.there.changes(of: ears.room, after: Revision(900), in: epoch)?.count == 100)
            ears.close()
        },
    ]
}
