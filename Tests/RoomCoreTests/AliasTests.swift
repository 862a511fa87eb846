import RoomCore
import Testing

@Suite struct AliasTests {
    private let best = Alias(trusted: "best")
    private let a = ModelID(trusted: "aaaaaaaa")
    private let b = ModelID(trusted: "bbbbbbbb")

    private func room() throws -> Room {
        var room = Room()
        try room.publish("aaaaaaaa")
        try room.publish("bbbbbbbb")
        return room
    }

    @Test func freeAliasIsAssigned() throws {
        var room = try room()
        let decision = try room.alias("best", "aaaaaaaa", by: Room.member)
        #expect(decision.previousHolder == nil && decision.change?.kind == .aliased && decision.alias == best)
        #expect(room.manifest.aliases == [best: a])
        #expect(room.manifest.resolve("best")?.model.id == a)
    }

    @Test func takenAliasIsRefusedWithItsHolder() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa")
        let refused = refusal { () throws(Refusal) in try room.alias("best", "bbbbbbbb") }
        #expect(refused == .aliasTaken(best, holder: a))
    }

    @Test func forceMovesTheAlias() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa")
        let decision = try room.alias("best", "bbbbbbbb", by: Room.member) { $0.force = true }
        #expect(decision.previousHolder == a && decision.change?.other?.model.id == a)
        #expect(room.manifest.aliases == [best: b])
        #expect(try room.model("aaaaaaaa").revision == decision.revision)
    }

    @Test func compareAndSetMovesOnlyFromTheExpectedHolder() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa") { $0.expected = .cleared }
        for wrong: Field<ModelID> in [.cleared, .set(b)] {
            let refused = refusal { () throws(Refusal) in
                try room.alias("best", "bbbbbbbb") {
                    $0.expected = wrong
                    $0.force = true
                }
            }
            #expect(refused == .aliasTaken(best, holder: a))
        }
        try room.alias("best", "bbbbbbbb") { $0.expected = .set(a) }
        #expect(room.manifest.aliases == [best: b])
    }

    @Test func expectingAHolderOfAFreeAliasIsRefused() throws {
        var room = try room()
        let refused = refusal { () throws(Refusal) in try room.alias("best", "aaaaaaaa") { $0.expected = .set(b) } }
        #expect(refused == .aliasTaken(best, holder: nil))
    }

    @Test func nullRemovesTheAlias() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa")
        for wrong: Field<ModelID> in [.cleared, .set(b)] {
            let refused = refusal { () throws(Refusal) in try room.alias("best", nil) { $0.expected = wrong } }
            #expect(refused == .aliasTaken(best, holder: a))
        }
        let decision = try room.alias("best", nil) { $0.expected = .set(a) }
        #expect(decision.change?.kind == .unaliased && decision.previousHolder == a)
        #expect(room.manifest.aliases.isEmpty)
        #expect(refusal { () throws(Refusal) in try room.alias("best", nil) } == .modelNotFound("best"))
    }

    @Test func protectedHoldersAndSubjectsMoveOnlyByTheOwner() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa")
        try room.update("aaaaaaaa") { $0.fields.isProtected = true }
        var forced = AliasMove(alias: best, model: "bbbbbbbb")
        forced.force = true
        let requests: [WriteRequest] = [
            .alias(forced), .alias(AliasMove(alias: best, model: nil)),
            .alias(AliasMove(alias: Alias(trusted: "other"), model: "aaaaaaaa")),
            .publish(
                .of("bbbbbbbb") {
                    $0.alias = Alias(trusted: "best")
                    $0.forceAlias = true
                }),
            .publish(.of("aaaaaaaa") { $0.alias = Alias(trusted: "other") }),
        ]
        for request in requests {
            #expect(refusal { () throws(Refusal) in try room.decide(request, by: Room.member) }?.kind == "forbidden")
        }
        #expect(room.manifest.aliases == [best: a])
        try room.alias("best", "bbbbbbbb") { $0.force = true }
        #expect(room.manifest.aliases == [best: b])
    }

    @Test func theAliasAssignedLastIsTheAlias() throws {
        var room = try room()
        for alias in ["x", "y", "z"] { try room.alias(alias, "aaaaaaaa") }
        #expect(try room.aliases(of: "aaaaaaaa") == ["x", "y", "z"])
        try room.alias("x", "aaaaaaaa")
        #expect(try room.aliases(of: "aaaaaaaa") == ["y", "z", "x"])
        #expect(try room.model("aaaaaaaa").alias?.text == "x")
        #expect(try room.alias("x", "aaaaaaaa").change == nil)
    }

    @Test func anotherAliasNamesTheTarget() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa")
        #expect(try room.alias("also", "best").entry.model.id == a)
    }

    @Test func withdrawingFreesAliases() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa")
        try room.withdraw("best")
        #expect(room.manifest.aliases.isEmpty)
        try room.alias("best", "bbbbbbbb")
        try room.restore("aaaaaaaa")
        #expect(room.manifest.aliases == [best: b])
    }

    @Test func unknownAndWithdrawnTargetsAreNotFound() throws {
        var room = try room()
        try room.withdraw("bbbbbbbb")
        for target in ["cccccccc", "bbbbbbbb", "nothing", ""] {
            #expect(refusal { () throws(Refusal) in try room.alias("best", target) } == .modelNotFound(target))
        }
    }

    @Test func aliasesTellCaseApart() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa")
        try room.alias("Best", "bbbbbbbb")
        #expect(room.manifest.aliases.count == 2)
    }
}
