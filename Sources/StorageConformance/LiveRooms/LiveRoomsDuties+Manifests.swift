import RoomCore
import RoomStorage
import Testing

extension LiveRoomsDuties {
    static let manifests: [Duty<LiveRoomsUnderTest>] = [
        Duty("a stored manifest is read by the other server") { rooms in
            let room = rooms.newRoom()
            #expect(await rooms.there.manifest(of: room) == nil)
            let fields = [LiveField("model:é", "a\r\n\0b"), LiveField("", ""), LiveField("empty", "")]
            rooms.here.store(rooms.manifest(room, 4, fields: fields))
            #expect(await rooms.here.manifest(of: room) != nil)
            #expect(await rooms.there.manifest(of: room)?.inOrder == rooms.manifest(room, 4, fields: fields).inOrder)
        },
        Duty("an empty manifest is one") { rooms in
            let room = rooms.newRoom()
            rooms.here.store(rooms.manifest(room, 0))
            #expect(await rooms.here.manifest(of: room) == rooms.manifest(room, 0))
        },
        Duty("a thousand models are stored whole") { rooms in
            let room = rooms.newRoom()
            let fields = (0..<1_000).map { number in
                LiveField(name: "model-\(number)", value: [UInt8](repeating: UInt8(number % 256), count: 1_500))
            }
            rooms.here.store(rooms.manifest(room, 1_000, fields: fields))
            let commit = rooms.commit(room, 1_001, fields: [LiveField("model-7", "new")])
            rooms.here.announce(commit)
            let expected = fields.map { $0.name == "model-7" ? LiveField("model-7", "new") : $0 }
            #expect(
                await rooms.here.manifest(of: room)?.inOrder
                    == rooms.manifest(room, 1_001, fields: expected).inOrder)
        },
        Duty("a store replaces what is older or of another epoch, fields and all") { rooms in
            let room = rooms.newRoom()
            rooms.here.store(rooms.manifest(room, 5, fields: [LiveField("a", "5")]))
            rooms.here.store(rooms.manifest(room, 4, fields: [LiveField("b", "4")]))
            rooms.here.store(rooms.manifest(room, 5, fields: [LiveField("b", "5")]))
            #expect(await rooms.here.manifest(of: room) == rooms.manifest(room, 5, fields: [LiveField("a", "5")]))
            rooms.here.store(rooms.manifest(room, 6, fields: [LiveField("c", "6")]))
            #expect(await rooms.here.manifest(of: room) == rooms.manifest(room, 6, fields: [LiveField("c", "6")]))
            let restored = rooms.manifest(room, 2, epoch: Epoch(trusted: "e2"), fields: [LiveField("d", "2")])
            rooms.here.store(restored)
            #expect(await rooms.here.manifest(of: room) == restored)
        },
        Duty("a commit moves the manifest on by its fields") { rooms in
            let room = rooms.newRoom()
            rooms.here.store(rooms.manifest(room, 1, fields: [LiveField("a", "1"), LiveField("b", "1")]))
            rooms.here.announce(rooms.commit(room, 2, fields: [LiveField("b", "2"), LiveField("c", "2")]))
            let fields = [LiveField("a", "1"), LiveField("b", "2"), LiveField("c", "2")]
            #expect(await rooms.here.manifest(of: room)?.inOrder == rooms.manifest(room, 2, fields: fields))
        },
        Duty("a commit on anything but its predecessor changes nothing, and its server alone is out of step") { rooms in
            let room = rooms.newRoom()
            let (own, listener) = await rooms.listen(on: rooms.here, as: rooms.hereID, following: [room])
            let (other, otherListener) = await rooms.listen(on: rooms.there, as: rooms.thereID, following: [room])
            let missing = rooms.commit(room, 1)
            rooms.here.announce(missing)
            #expect(await own.hears(.outOfStep(room)))
            rooms.here.store(rooms.manifest(room, 5, fields: [LiveField("a", "5")]))
            let wrong = [
                rooms.commit(room, 7), rooms.commit(room, 5), rooms.commit(room, 6, epoch: Epoch(trusted: "e2")),
            ]
            for commit in wrong { rooms.here.announce(commit) }
            #expect(await own.wait { $0.count >= 4 } == Array(repeating: .outOfStep(room), count: 4))
            #expect(await rooms.here.manifest(of: room) == rooms.manifest(room, 5, fields: [LiveField("a", "5")]))
            #expect(await other.wait { $0.count >= 4 } == ([missing] + wrong).map { .committed($0.notice) })
            listener.cancel()
            otherListener.cancel()
        },
        Duty("of two servers that race, the manifest takes one unbroken line") { rooms in
            let room = rooms.newRoom()
            rooms.here.store(rooms.manifest(room, 0))
            #expect(await rooms.here.manifest(of: room) != nil)
            _ = try await sideBySide(2) { side in
                let view = side == 0 ? rooms.here : rooms.there
                let server = side == 0 ? rooms.hereID : rooms.thereID
                for revision in 1...100 {
                    view.announce(
                        rooms.commit(
                            room, revision, fields: [LiveField("r\(revision)", "\(side)")], from: server))
                    if revision % 10 == 0 { _ = await view.changes(of: room, after: .zero, in: Epoch(trusted: "e1")) }
                }
            }
            for view in [rooms.here, rooms.there] {
                _ = await view.manifest(of: room)
            }
            let manifest = await rooms.here.manifest(of: room)
            #expect(manifest?.revision == Revision(100))
            #expect(Set(manifest?.fields.map(\.name) ?? []) == Set((1...100).map { "r\($0)" }))
            #expect(
                await rooms.here.changes(of: room, after: .zero, in: Epoch(trusted: "e1"))
                    == (1...100).map(rooms.change))
        },
        Duty("a forgotten room is gone") { rooms in
            let room = rooms.newRoom()
            rooms.here.store(rooms.manifest(room, 3))
            rooms.here.forget(room)
            #expect(await rooms.here.manifest(of: room) == nil)
            #expect(await rooms.here.changes(of: room, after: .zero, in: Epoch(trusted: "e1")) == nil)
        },
    ]

    static let changes: [Duty<LiveRoomsUnderTest>] = [
        Duty("changes after a revision are given up to the manifest's own") { rooms in
            let (room, epoch) = (rooms.newRoom(), Epoch(trusted: "e1"))
            #expect(await rooms.here.changes(of: room, after: .zero, in: epoch) == nil)
            rooms.here.store(rooms.manifest(room, 3))
            rooms.here.announce(rooms.commit(room, 4))
            rooms.here.announce(rooms.commit(room, 7, after: 4))
            #expect(await rooms.here.changes(of: room, after: Revision(3), in: epoch) == (4...7).map(rooms.change))
            #expect(await rooms.there.changes(of: room, after: Revision(5), in: epoch) == (6...7).map(rooms.change))
            #expect(await rooms.there.changes(of: room, after: Revision(7), in: epoch) == [])
            #expect(await rooms.there.changes(of: room, after: Revision(2), in: epoch) == nil)
            #expect(await rooms.there.changes(of: room, after: Revision(8), in: epoch) == nil)
            #expect(await rooms.there.changes(of: room, after: Revision(6), in: Epoch(trusted: "e2")) == nil)
        },
        Duty("a gap is never bridged") { rooms in
            let (room, epoch) = (rooms.newRoom(), Epoch(trusted: "e1"))
            rooms.here.store(rooms.manifest(room, 0))
            rooms.here.announce(rooms.commit(room, 1))
            let bare = rooms.commit(room, 2).notice
            rooms.here.announce(
                LiveCommit(
                    notice: RoomNotice(
                        server: bare.server, room: room, epoch: epoch, base: bare.base, revision: bare.revision,
                        changes: []), fields: []))
            rooms.here.announce(rooms.commit(room, 3))
            #expect(await rooms.here.changes(of: room, after: .zero, in: epoch) == nil)
            #expect(await rooms.here.changes(of: room, after: Revision(1), in: epoch) == nil)
            #expect(await rooms.here.changes(of: room, after: Revision(2), in: epoch) == [rooms.change(3)])
            rooms.here.store(rooms.manifest(room, 5))
            #expect(await rooms.here.changes(of: room, after: Revision(2), in: epoch) == nil)
            rooms.here.announce(rooms.commit(room, 6))
            #expect(await rooms.here.changes(of: room, after: Revision(5), in: epoch) == [rooms.change(6)])
        },
        Duty("old changes go, the newest stay") { rooms in
            let (room, epoch) = (rooms.newRoom(), Epoch(trusted: "e1"))
            rooms.here.store(rooms.manifest(room, 0))
            for revision in 1...2_000 { rooms.here.announce(rooms.commit(room, revision)) }
            #expect(
                await rooms.here.changes(of: room, after: Revision(1_900), in: epoch)
                    == (1_901...2_000).map(rooms.change))
            #expect(await rooms.here.changes(of: room, after: .zero, in: epoch) == nil)
        },
        Duty("changes too large to keep leave a gap and the manifest right") { rooms in
            let (room, epoch) = (rooms.newRoom(), Epoch(trusted: "e1"))
            rooms.here.store(rooms.manifest(room, 0))
            rooms.here.announce(rooms.commit(room, 1))
            let large = RoomNotice(
                server: rooms.hereID, room: room, epoch: epoch, base: Revision(1), revision: Revision(2),
                changes: [[UInt8](repeating: 7, count: 1_000_000)])
            rooms.here.announce(LiveCommit(notice: large, fields: [LiveField("a", "2")]))
            #expect(await rooms.here.manifest(of: room) == rooms.manifest(room, 2, fields: [LiveField("a", "2")]))
            #expect(await rooms.here.changes(of: room, after: Revision(1), in: epoch) == nil)
            rooms.here.announce(rooms.commit(room, 3))
            #expect(await rooms.here.changes(of: room, after: Revision(2), in: epoch) == [rooms.change(3)])
        },
    ]
}
