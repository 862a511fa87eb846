import RoomCore
import RoomStorage
import Testing

extension ManifestDuties {
    static let snapshots: [Duty<RecordUnderTest>] = [
        Duty("the newest snapshot at or before a revision is given") { record in
            let room = try await record.newRoom(changes: 9)
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil) == nil)
            let given = [3, 6].map { snapshot(room, at: $0, body: [UInt8($0)]) }
            for snapshot in given { try await record.manifests.store(snapshot) }
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil) == given[1])
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: Revision(6)) == given[1])
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: Revision(5)) == given[0])
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: Revision(2)) == nil)
        },
        Duty("a snapshot of the same revision is replaced") { record in
            let room = try await record.newRoom(changes: 1)
            try await record.manifests.store(snapshot(room, at: 1, body: [1]))
            let second = snapshot(room, at: 1, second: 5, body: [])
            try await record.manifests.store(second)
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil) == second)
        },
        Duty("a snapshot that can rebuild nothing is not given") { record in
            let room = try await record.newRoom(changes: 2)
            try await record.manifests.store(snapshot(room, at: 1, epoch: laterEpoch))
            try await record.manifests.store(snapshot(room, at: 3))
            try await record.manifests.store(snapshot(RoomID(trusted: uniqueHex()), at: 0))
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil) == nil)
        },
        Duty("a snapshot of an empty room is kept") { record in
            let room = try await record.newRoom()
            try await record.manifests.store(snapshot(room, at: 0))
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: .zero) == snapshot(room, at: 0))
        },
        Duty("a snapshot of a megabyte is kept whole") { record in
            let room = try await record.newRoom(changes: 1)
            let large = snapshot(room, at: 1, body: [UInt8](repeating: 0xA5, count: 1 << 20))
            try await record.manifests.store(large)
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil) == large)
        },
    ]

    static let compaction: [Duty<RecordUnderTest>] = [
        Duty("compaction raises the floor to the newest snapshot at or before it") { record in
            let room = try await record.newRoom(changes: 10)
            for revision in [2, 5, 8] { try await record.manifests.store(snapshot(room, at: revision)) }
            try await record.manifests.compact(room, below: Revision(7))
            let head = RoomHead(epoch: epoch, revision: Revision(10), floor: Revision(5))
            #expect(try await record.manifests.head(of: room) == head)
            #expect(try await record.revisions(room) == [6, 7, 8, 9, 10])
            #expect(try await record.revisions(room, of: .model(model(1))) == [6, 7, 8, 9, 10])
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: Revision(7))?.revision == Revision(5))
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: Revision(4)) == nil)
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil)?.revision == Revision(8))
        },
        Duty("without a snapshot nothing is dropped") { record in
            let room = try await record.newRoom(changes: 3)
            try await record.manifests.compact(room, below: Revision(3))
            #expect(try await record.revisions(room) == [1, 2, 3])
            #expect(try await record.manifests.head(of: room)?.floor == .zero)
            try await record.manifests.compact(RoomID(trusted: uniqueHex()), below: Revision(3))
        },
        Duty("the floor never falls, and below it no snapshot is kept") { record in
            let room = try await record.newRoom(changes: 6)
            try await record.manifests.store(snapshot(room, at: 4))
            try await record.manifests.compact(room, below: Revision(6))
            try await record.manifests.store(snapshot(room, at: 2))
            try await record.manifests.compact(room, below: Revision(2))
            #expect(try await record.manifests.head(of: room)?.floor == Revision(4))
            #expect(try await record.revisions(room) == [5, 6])
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: Revision(3)) == nil)
        },
        Duty("a room compacted to its head goes on") { record in
            let room = try await record.newRoom(changes: 3)
            try await record.manifests.store(snapshot(room, at: 3))
            try await record.manifests.compact(room, below: Revision(99))
            #expect(try await record.revisions(room).isEmpty)
            try await record.expectCommitted(room, after: 3, [change(4)])
            #expect(try await record.revisions(room) == [4])
            #expect(try await record.manifests.head(of: room)?.floor == Revision(3))
        },
        Duty("moments are found after compaction") { record in
            let room = try await record.newRoom(changes: 6)
            try await record.manifests.store(snapshot(room, at: 3, second: 50))
            try await record.manifests.compact(room, below: Revision(3))
            #expect(try await record.revision(room, at: moment(2)) == 0)
            #expect(try await record.revision(room, at: moment(3)) == 3)
            #expect(try await record.revision(room, at: moment(4)) == 4)
            #expect(try await record.revision(room, at: moment(99)) == 6)
        },
        Duty("a long history is compacted whole") { record in
            let room = try await record.newRoom(changes: 2_500)
            try await record.manifests.store(snapshot(room, at: 2_400))
            try await record.manifests.compact(room, below: Revision(2_500))
            #expect(try await record.revisions(room) == Array(2_401...2_500))
        },
    ]
}
