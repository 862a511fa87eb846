import RoomCore
import RoomStorage
import Testing

extension ManifestDuties {
    static let restarts: [Duty<RecordUnderTest>] = [
        Duty("a restarted room stands at its snapshot in a new epoch") { record in
            let room = try await record.newRoom(changes: 5)
            let kept = receipt(room, key: "k")
            try await record.expectCommitted(room, after: 5, [], receipts: [kept])
            try await record.manifests.store(snapshot(room, at: 5))
            let start = snapshot(room, at: 3, epoch: laterEpoch)
            #expect(try await record.manifests.restart(from: start))
            let head = RoomHead(epoch: laterEpoch, revision: Revision(3), floor: Revision(3))
            #expect(try await record.manifests.head(of: room) == head)
            #expect(try await record.changes(room).isEmpty)
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil) == start)
            #expect(try await record.manifests.receipt(for: kept.key, notBefore: moment(0)) == nil)
            #expect(try await record.append(room, after: 5, [change(6)]) == .superseded(head))
            try await record.expectCommitted(room, after: 3, [change(4)], epoch: laterEpoch)
            #expect(try await record.revisions(room) == [4])
        },
        Duty("a restart that is repeated changes nothing") { record in
            let room = try await record.newRoom(changes: 5)
            let start = snapshot(room, at: 3, epoch: laterEpoch)
            #expect(try await record.manifests.restart(from: start))
            try await record.expectCommitted(room, after: 3, [change(4)], epoch: laterEpoch)
            #expect(try await record.manifests.restart(from: start))
            #expect(try await record.revisions(room) == [4])
        },
        Duty("a room may restart ahead of where it stood") { record in
            let room = try await record.newRoom()
            #expect(try await record.manifests.restart(from: snapshot(room, at: 40, epoch: laterEpoch)))
            #expect(try await record.manifests.head(of: room)?.revision == Revision(40))
            #expect(try await record.revision(room, at: moment(39)) == 0)
            #expect(try await record.revision(room, at: moment(40)) == 40)
        },
        Duty("a restart begins an epoch, an append and a repeated restart do not") { record in
            let upkeep = try #require(record.manifests as? any FileUpkeep)
            let room = try await record.newRoom(changes: 2)
            let made = try #require(try await upkeep.epochStart(of: room))
            // The clock of a record may tell milliseconds only.
            try await Task.sleep(for: .milliseconds(5))
            try await record.expectCommitted(room, after: 2, [change(3)])
            #expect(try await upkeep.epochStart(of: room) == made)
            let start = snapshot(room, at: 1, epoch: laterEpoch)
            #expect(try await record.manifests.restart(from: start))
            let begun = try #require(try await upkeep.epochStart(of: room))
            #expect(begun > made)
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await record.manifests.restart(from: start))
            #expect(try await upkeep.epochStart(of: room) == begun)
        },
        Duty("a room that is not there does not restart") { record in
            let room = RoomID(trusted: uniqueHex())
            let restarted = try await record.manifests.restart(from: snapshot(room, at: 1, epoch: laterEpoch))
            #expect(!restarted)
            #expect(try await record.manifests.head(of: room) == nil)
        },
    ]

    static let sightings: [Duty<RecordUnderTest>] = [
        Duty("the latest sighting of each worker is kept") { record in
            let room = try await record.newRoom()
            let names = ["a", "b", "мышь"].map { WorkerName(trusted: $0) }
            try await record.manifests.note(names.map { WorkerSighting(room: room, worker: $0, at: moment(10)) })
            try await record.manifests.note([
                WorkerSighting(room: room, worker: names[0], at: moment(20)),
                WorkerSighting(room: room, worker: names[1], at: moment(5)),
            ])
            let expected = zip(names, [20, 10, 10]).map { WorkerSighting(room: room, worker: $0, at: moment($1)) }
            #expect(try await record.manifests.sightings(in: room) == expected)
        },
        Duty("a sighting in a room that is gone harms no other") { record in
            let room = try await record.newRoom()
            let worker = WorkerName(trusted: "w")
            let seen = WorkerSighting(room: room, worker: worker, at: moment(1))
            let gone = RoomID(trusted: uniqueHex())
            try await record.manifests.note([WorkerSighting(room: gone, worker: worker, at: moment(1)), seen])
            try await record.manifests.note([])
            #expect(try await record.manifests.sightings(in: room) == [seen])
            #expect(try await record.manifests.sightings(in: gone).isEmpty)
        },
    ]
}
