import RoomCore
import Testing

@Suite struct AliasTests {
    private func room() throws -> RoomUnderTest {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", alias: "prod")
        try room.publish("bbbbbbbb")
        return room
    }

    @Test func aTakenAliasIsRefusedWithItsHolder() throws {
        var room = try room()
        let taken = Refusal.aliasTaken(Alias(trusted: "prod"), holder: ModelID(trusted: "aaaaaaaa"))
        #expect(throws: taken) { try room.move("prod", to: "bbbbbbbb") }
        #expect(throws: taken) { try room.publish("cccccccc", alias: "prod") }
        #expect(room.model("cccccccc") == nil)
    }

    @Test func forceMovesItAndBothModelsShowIt() throws {
        var room = try room()
        let decision = try room.move("prod", to: "bbbbbbbb") { $0.force = true }
        #expect(decision.previousHolder?.text == "aaaaaaaa")
        #expect(room.holder("prod") == "bbbbbbbb")
        #expect(room.model("aaaaaaaa")?.aliases.isEmpty == true)
        #expect(room.model("aaaaaaaa")?.revision == Revision(3))
        #expect(room.changes.last?.other?.model.id.text == "aaaaaaaa")
    }

    @Test func compareAndSetHoldsOrIsRefused() throws {
        var room = try room()
        try room.move("prod", to: "bbbbbbbb") { $0.expected = .set(ModelID(trusted: "aaaaaaaa")) }
        #expect(room.holder("prod") == "bbbbbbbb")
        #expect(throws: Refusal.self) {
            try room.move("prod", to: "aaaaaaaa") { $0.expected = .set(ModelID(trusted: "aaaaaaaa")) }
        }
        #expect(throws: Refusal.self) { try room.move("prod", to: "aaaaaaaa") { $0.expected = .cleared } }
        try room.move("new", to: "aaaaaaaa") { $0.expected = .cleared }
        #expect(room.holder("new") == "aaaaaaaa")
    }

    @Test func nullTakesItAway() throws {
        var room = try room()
        let decision = try room.move("prod", to: nil)
        #expect(decision.change?.kind == .unaliased)
        #expect(room.holder("prod") == nil)
        #expect(throws: Refusal.modelNotFound("prod")) { try room.move("prod", to: nil) }
    }

    @Test func theLastOneAssignedIsTheAlias() throws {
        var room = try room()
        try room.move("second", to: "aaaaaaaa")
        #expect(room.model("aaaaaaaa")?.alias?.text == "second")
        try room.move("prod", to: "second")
        #expect(room.model("aaaaaaaa")?.aliases.map(\.text) == ["second", "prod"])
        #expect(try room.move("prod", to: "aaaaaaaa").change == nil)
    }

    @Test func aProtectedModelsAliasMovesOnlyByTheOwner() throws {
        var room = try room()
        var update = ModelUpdate(model: "aaaaaaaa")
        update.fields.isProtected = true
        #expect(throws: Refusal.self) { try room.decide(.update(update), by: .member) }
        try room.decide(.update(update), by: .owner)
        #expect(throws: Refusal.self) { try room.move("prod", to: "bbbbbbbb", by: .member) { $0.force = true } }
        #expect(throws: Refusal.self) { try room.move("prod", to: nil, by: .member) }
        #expect(throws: Refusal.self) { try room.decide(.withdraw(model: "prod", reason: nil), by: .member) }
        try room.move("prod", to: "bbbbbbbb", by: .owner) { $0.force = true }
        #expect(room.holder("prod") == "bbbbbbbb")
    }

    @Test func idsWinOverAliases() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa-2", alias: "aaaaaaaa-3")
        try room.publish("aaaaaaaa-3")
        #expect(room.model("aaaaaaaa-3")?.id.text == "aaaaaaaa-3")
    }
}
