import RoomCore
import RoomStorage
import Testing

extension ManifestDuties {
    static let appends: [Duty<RecordUnderTest>] = [
        Duty("an empty room stands at zero") { record in
            let room = try await record.newRoom()
            let head = RoomHead(epoch: epoch, revision: .zero, floor: .zero)
            #expect(try await record.manifests.head(of: room) == head)
            #expect(try await record.changes(room).isEmpty)
        },
        Duty("a room that was never made has no head and takes no change") { record in
            let room = RoomID(trusted: uniqueHex())
            #expect(try await record.manifests.head(of: room) == nil)
            let outcome = try await record.append(room, after: 0, [change(1)])
            #expect(outcome == .noSuchRoom)
            #expect(try await record.changes(room).isEmpty)
        },
        Duty("a committed change is read back as it was given") { record in
            let room = try await record.newRoom()
            let given = [
                change(1, kind: "published", model: model(5), alias: Alias(trusted: "best"), body: Array(0...255)),
                change(2, kind: "aliased", model: ModelID(trusted: "0000000a-2"), takingAliasFrom: model(5)),
            ]
            try await record.expectCommitted(room, after: 0, given)
            #expect(try await record.changes(room) == given)
        },
        Duty("the head moves to the last change of a request") { record in
            let room = try await record.newRoom(changes: 5)
            #expect(try await record.manifests.head(of: room)?.revision == Revision(5))
        },
        Duty("a stale base is superseded and stores nothing") { record in
            let room = try await record.newRoom(changes: 3)
            let head = RoomHead(epoch: epoch, revision: Revision(3), floor: .zero)
            let late = receipt(room, key: "late")
            #expect(try await record.append(room, after: 1, [change(2)], receipts: [late]) == .superseded(head))
            #expect(try await record.revisions(room) == [1, 2, 3])
            #expect(try await record.manifests.receipt(for: late.key, notBefore: moment(0)) == nil)
        },
        Duty("a base ahead of the room is superseded") { record in
            let room = try await record.newRoom(changes: 1)
            let head = RoomHead(epoch: epoch, revision: Revision(1), floor: .zero)
            #expect(try await record.append(room, after: 2, [change(3)]) == .superseded(head))
            #expect(try await record.revisions(room) == [1])
        },
        Duty("a change of another epoch is superseded") { record in
            let room = try await record.newRoom(changes: 1)
            let head = RoomHead(epoch: epoch, revision: Revision(1), floor: .zero)
            #expect(try await record.append(room, after: 1, [change(2)], epoch: laterEpoch) == .superseded(head))
        },
        Duty("what was decided before somebody's right changed is superseded and stores nothing") { record in
            let room = try await record.newRoom()
            let before = try #require(try await record.accounts.accessVersion(of: room))
            let changes = [change(1)]
            #expect(try await record.append(room, after: 0, changes, access: before) == .committed)
            #expect(try await record.accounts.setPolicy(RoomPolicy(), of: room))
            let after = try #require(try await record.accounts.accessVersion(of: room))
            #expect(after != before)
            let outcome = try await record.append(room, after: 1, [change(2)], access: before)
            guard case .superseded(let head) = outcome else { Issue.record("\(outcome)"); return }
            #expect(head.revision == Revision(1))
            #expect(try await record.changes(room).count == 1)
            #expect(try await record.append(room, after: 1, [change(2)], access: after) == .committed)
        },
        Duty("rooms do not see each other's changes") { record in
            let one = try await record.newRoom(changes: 2)
            let other = try await record.newRoom(changes: 1)
            #expect(try await record.revisions(one) == [1, 2])
            #expect(try await record.revisions(other) == [1])
        },
        Duty("empty and foreign texts are kept byte by byte") { record in
            let room = try await record.newRoom()
            let composed = "caf\u{E9} 🐭"
            let decomposed = "cafe\u{301} 🐭"
            try await record.expectCommitted(
                room, after: 0, [change(1, kind: "", body: []), change(2, kind: composed), change(3, kind: decomposed)])
            let kinds = try await record.changes(room).map { Array($0.kind.utf8) }
            #expect(kinds == [[], Array(composed.utf8), Array(decomposed.utf8)])
            #expect(try await record.changes(room).first?.body == [])
        },
        Duty("a body of a megabyte is kept whole") { record in
            let room = try await record.newRoom()
            let body = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            try await record.expectCommitted(room, after: 0, [change(1, body: body)])
            #expect(try await record.changes(room).first?.body == body)
        },
        Duty("a request of five hundred changes is committed as one") { record in
            let room = try await record.newRoom(changes: 500)
            #expect(try await record.revisions(room) == Array(1...500))
        },
        Duty("a deleted room leaves nothing to a new one of its id") { record in
            let room = try await record.newRoom(changes: 2)
            let kept = receipt(room, key: "kept")
            try await record.expectCommitted(room, after: 2, [], receipts: [kept])
            try await record.manifests.store(snapshot(room, at: 2))
            try await record.manifests.note([
                WorkerSighting(room: room, worker: WorkerName(trusted: "w"), at: moment(1))
            ])
            try await record.accounts.deleteRoom(room)
            #expect(try await record.append(room, after: 2, [change(3)]) == .noSuchRoom)
            let again = RoomRecord(
                id: room, name: "again", createdBy: try await record.newUser(), createdAt: moment(9), expiresAt: nil)
            try await record.accounts.createRoom(again, epoch: epoch)
            #expect(try await record.manifests.head(of: room)?.revision == .zero)
            #expect(try await record.changes(room).isEmpty)
            #expect(try await record.manifests.snapshot(of: room, atOrBefore: nil) == nil)
            #expect(try await record.manifests.receipt(for: kept.key, notBefore: moment(0)) == nil)
            #expect(try await record.manifests.sightings(in: room).isEmpty)
        },
    ]
}
