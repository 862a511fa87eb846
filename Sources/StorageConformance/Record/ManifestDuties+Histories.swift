import RoomCore
import RoomStorage
import Testing

extension ManifestDuties {
    static let histories: [Duty<RecordUnderTest>] = [
        Duty("changes come oldest first, after a revision, at most the limit") { record in
            let room = try await record.newRoom(changes: 10)
            #expect(try await record.revisions(room, after: 4, limit: 3) == [5, 6, 7])
            #expect(try await record.revisions(room, after: 8, limit: 3) == [9, 10])
            #expect(try await record.revisions(room, after: 10).isEmpty)
            #expect(try await record.revisions(room, after: 99).isEmpty)
            #expect(try await record.revisions(room, limit: 0).isEmpty)
        },
        Duty("a model's history holds what took an alias from it") { record in
            let room = try await record.newRoom()
            let best = Alias(trusted: "best")
            try await record.expectCommitted(
                room, after: 0,
                [
                    change(1, model: model(1), alias: best), change(2, model: model(2)),
                    change(3, model: model(2), takingAliasFrom: model(1), alias: best), change(4, model: model(3)),
                    change(5, model: model(1)),
                ])
            #expect(try await record.revisions(room, of: .model(model(1))) == [1, 3, 5])
            #expect(try await record.revisions(room, of: .model(model(2))) == [2, 3])
            #expect(try await record.revisions(room, after: 1, limit: 1, of: .model(model(1))) == [3])
            #expect(try await record.revisions(room, of: .model(model(9))).isEmpty)
        },
        Duty("a change that names a model twice is in its history once") { record in
            let room = try await record.newRoom()
            try await record.expectCommitted(room, after: 0, [change(1, model: model(1), takingAliasFrom: model(1))])
            #expect(try await record.revisions(room, of: .model(model(1))) == [1])
        },
        Duty("an alias's history holds its own case only") { record in
            let room = try await record.newRoom()
            try await record.expectCommitted(
                room, after: 0,
                [
                    change(1, alias: Alias(trusted: "best")), change(2, alias: Alias(trusted: "Best")), change(3),
                    change(4, alias: Alias(trusted: "best")),
                ])
            #expect(try await record.revisions(room, of: .alias(Alias(trusted: "best"))) == [1, 4])
            #expect(try await record.revisions(room, after: 1, of: .alias(Alias(trusted: "best"))) == [4])
            #expect(try await record.revisions(room, of: .alias(Alias(trusted: "Best"))) == [2])
        },
        Duty("an alias's history holds the withdrawals of models that held it once") { record in
            let room = try await record.newRoom()
            let best = Alias(trusted: "best")
            try await record.expectCommitted(
                room, after: 0,
                [
                    change(1, kind: "withdrawn", model: model(2)), change(2, model: model(1), alias: best),
                    change(3, kind: "updated", model: model(1)), change(4, kind: "withdrawn", model: model(1)),
                    change(5, kind: "withdrawn", model: model(3)), change(6, model: model(4), alias: best),
                ])
            #expect(try await record.revisions(room, of: .alias(best)) == [2, 4, 6])
            #expect(try await record.revisions(room, after: 2, limit: 1, of: .alias(best)) == [4])
            #expect(try await record.revisions(room, after: 4, of: .alias(best)) == [6])
        },
        Duty("a moment has the newest revision made by then") { record in
            let room = try await record.newRoom()
            let seconds: [Int64] = [10, 20, 20, 20, 30]
            try await record.expectCommitted(
                room, after: 0, seconds.enumerated().map { change($0.offset + 1, at: $0.element) })
            #expect(try await record.revision(room, at: moment(9)) == 0)
            #expect(try await record.revision(room, at: moment(10)) == 1)
            #expect(try await record.revision(room, at: moment(19)) == 1)
            #expect(try await record.revision(room, at: moment(20)) == 4)
            #expect(try await record.revision(room, at: moment(29)) == 4)
            #expect(try await record.revision(room, at: moment(30)) == 5)
            #expect(try await record.revision(room, at: moment(99)) == 5)
        },
        Duty("moments are told apart to the microsecond") { record in
            let room = try await record.newRoom(changes: 1)
            let made = moment(1).microseconds
            #expect(try await record.revision(room, at: Timestamp(microseconds: made - 1)) == 0)
            #expect(try await record.revision(room, at: Timestamp(microseconds: made)) == 1)
        },
        Duty("every moment of an empty room has revision zero") { record in
            let room = try await record.newRoom()
            #expect(try await record.revision(room, at: moment(99)) == 0)
            #expect(try await record.revision(RoomID(trusted: uniqueHex()), at: moment(99)) == 0)
        },
    ]
}
