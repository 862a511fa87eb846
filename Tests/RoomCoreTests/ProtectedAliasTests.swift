import RoomCore
import Testing

/// Aliases that the policy protects, whatever request would move them.
@Suite struct ProtectedAliasTests {
    private static let production = Alias(trusted: "production")

    /// `production` names aaaaaaaa; bbbbbbbb, of a publisher, waits.
    private func room(maintainersMove: Bool = false) throws -> Room {
        var room = Room()
        try room.publish("aaaaaaaa", digest: "a", by: Room.member) { $0.alias = Self.production }
        try room.publish("bbbbbbbb", digest: "b", by: Room.member)
        room.policy.protectedAliases = [Self.production, Alias(trusted: "free")]
        room.policy.maintainersMoveProtectedAliases = maintainersMove
        return room
    }

    enum Move: CaseIterable {
        case taking, takingExpected, removing, givingFree, publishingFree, withdrawing

        func apply(to room: inout Room, by actor: Actor) throws(Refusal) -> Decision {
            switch self {
            case .taking:
                try room.alias("production", "bbbbbbbb", by: actor) {
                    $0.force = true
                    $0.reason = "better"
                }
            case .takingExpected:
                try room.alias("production", "bbbbbbbb", by: actor) {
                    $0.expected = .set(ModelID(trusted: "aaaaaaaa"))
                }
            case .removing: try room.alias("production", nil, by: actor) { $0.reason = "bad" }
            case .givingFree: try room.alias("free", "bbbbbbbb", by: actor)
            case .publishingFree: try room.publish("cccccccc", by: actor) { $0.alias = Alias(trusted: "free") }
            case .withdrawing: try room.withdraw("aaaaaaaa", by: actor)
            }
        }
    }

    @Test(arguments: Move.allCases)
    func onlyWhomThePolicyNamesMovesAProtectedAlias(_ move: Move) throws {
        for maintainersMove in [false, true] {
            for actor in [Room.owner, Room.maintainer, Room.member, Room.worker] {
                var room = try room(maintainersMove: maintainersMove)
                let may = actor == Room.owner || (actor == Room.maintainer && maintainersMove)
                let told = refusal { () throws(Refusal) in try move.apply(to: &room, by: actor) }
                #expect(told?.kind == (may ? nil : "forbidden"), "\(actor.username)")
            }
        }
    }

    @Test func itsModelsContentIsReplacedByWhomThePolicyNames() throws {
        var room = try room()
        func replace(by actor: Actor) throws(Refusal) -> Decision {
            try room.publish("aaaaaaaa", digest: "c", by: actor) { $0.onConflict = .replace }
        }
        // Its publisher may replace a model, and not what production means.
        #expect(refusal { () throws(Refusal) in try replace(by: Room.member) }?.kind == "forbidden")
        #expect(try replace(by: Room.owner).change?.kind == .published)
    }

    @Test func theRefusalSaysWhoMay() throws {
        var room = try room(maintainersMove: true)
        let told = refusal { () throws(Refusal) in try room.alias("free", "bbbbbbbb", by: Room.member) }
        let sentence = "Alias free is protected; only the room owner or a maintainer may move it or take it away"
        #expect(told == .forbidden(sentence))
    }

    @Test func takingItByForceWantsAReason() throws {
        var room = try room()
        for reason in [nil, "", " \n"] {
            let told = refusal { () throws(Refusal) in
                try room.alias("production", "bbbbbbbb") {
                    $0.force = true
                    $0.reason = reason
                }
            }
            #expect(told?.kind == "invalid")
            let removal = refusal { () throws(Refusal) in
                try room.alias("production", nil) { $0.reason = reason }
            }
            #expect(removal?.kind == "invalid")
        }
        let publication = refusal { () throws(Refusal) in
            try room.publish("cccccccc") {
                $0.alias = Self.production
                $0.forceAlias = true
            }
        }
        #expect(publication?.kind == "invalid")
        let change = try #require(
            try room.alias("production", "bbbbbbbb") {
                $0.force = true
                $0.reason = "val_loss 0.02"
            }.change)
        #expect(change.reason == "val_loss 0.02" && change.previousHolder == ModelID(trusted: "aaaaaaaa"))
    }

    @Test func whoSaysWhatItHoldsNeedsNoReason() throws {
        var room = try room()
        try room.alias("production", "bbbbbbbb") { $0.expected = .set(ModelID(trusted: "aaaaaaaa")) }
        let late = refusal { () throws(Refusal) in
            try room.alias("production", "aaaaaaaa") { $0.expected = .set(ModelID(trusted: "aaaaaaaa")) }
        }
        #expect(late == .aliasTaken(Self.production, holder: ModelID(trusted: "bbbbbbbb")))
        try room.alias("production", nil) { $0.expected = .set(ModelID(trusted: "bbbbbbbb")) }
        #expect(room.manifest.aliases[Self.production] == nil)
    }

    @Test func otherAliasesMoveAsEver() throws {
        var room = try room()
        try room.alias("best", "aaaaaaaa", by: Room.worker)
        try room.alias("best", "bbbbbbbb", by: Room.worker) { $0.force = true }
        try room.alias("best", nil, by: Room.worker)
        #expect(try room.update("aaaaaaaa", by: Room.worker) { $0.fields.notes = .set("n") }.change != nil)
    }
}
