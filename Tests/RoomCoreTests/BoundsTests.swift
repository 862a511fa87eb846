import JSONWire
import RoomCore
import Testing

/// At and over its bounds a room still works, and what it records can be read back.
@Suite struct BoundsTests {
    /// A model as large as an entry may be.
    private func fullRoom() throws -> Room {
        var room = Room()
        var low = 0
        var high = EntryLimits.encodedBytes
        while low + 1 < high {
            let middle = (low + high) / 2
            var trial = Room()
            let fits = refusal { () throws(Refusal) in try Self.publish(middle, in: &trial) } == nil
            if fits { low = middle } else { high = middle }
        }
        try Self.publish(low, in: &room)
        return room
    }

    @discardableResult
    private static func publish(_ bytes: Int, in room: inout Room) throws(Refusal) -> Decision {
        try room.publish("aaaaaaaa") {
            $0.fields.hyperparameters = .set(["x": .string(String(repeating: "x", count: bytes))])
        }
    }

    @Test func aFullEntryCanBeWithdrawnRestoredAndMadeSmaller() throws {
        var room = try fullRoom()
        #expect(throws: Refusal.self) { try room.update("aaaaaaaa") { $0.fields.notes = .set("more than fits") } }
        try room.withdraw("aaaaaaaa")
        try room.restore("aaaaaaaa")
        try room.update("aaaaaaaa") { $0.fields.hyperparameters = .set([:]) }
        #expect(try room.model("aaaaaaaa").hyperparameters.isEmpty)
    }

    @Test func aLongUsernameIsRecordedByItsIDAndReadBack() throws {
        var room = Room()
        let actor = Actor(
            user: UserID(trusted: "42"), username: String(repeating: "é", count: 200), role: .member(.publisher),
            worker: nil)
        let change = try #require(try room.publish("aaaaaaaa", by: actor).change)
        #expect(try room.model("aaaaaaaa").trainedBy == "42")
        #expect(try Change(recorded: change.recorded()).after.model == room.model("aaaaaaaa"))
    }

    @Test func noFilesSayNothingOfTheSize() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.fields.sizeBytes = .set(7) }
        let again = try room.publish("aaaaaaaa") { $0.files = [] }
        #expect(again.change == nil)
        #expect(try room.model("aaaaaaaa").sizeBytes == 7)
    }

    @Test func takingAwayAFreeAliasFromAnExpectedHolderIsTaken() throws {
        var room = Room()
        try room.publish("aaaaaaaa")
        let refused = refusal { () throws(Refusal) in
            try room.alias("prod", nil) { $0.expected = .set(ModelID(trusted: "aaaaaaaa")) }
        }
        #expect(refused == .aliasTaken(Alias(trusted: "prod"), holder: nil))
    }

    @Test func framesPerSecondAreBetterLarge() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.fields.metrics = .set(["fps": 10, "fp": 10]) }
        try room.publish("bbbbbbbb") { $0.fields.metrics = .set(["fps": 90, "fp": 90]) }
        let entries = ["aaaaaaaa", "bbbbbbbb"].compactMap { room.manifest.resolve($0) }
        let best = Dictionary(uniqueKeysWithValues: ModelComparison(entries).best.map { ($0.metric, $0.model.text) })
        #expect(best == ["fps": "bbbbbbbb", "fp": "aaaaaaaa"])
    }

    @Test func secondsBeyondAllCalendarsAreClamped() {
        #expect(Timestamp(seconds: .max) == Timestamp(microseconds: .max))
        #expect(Timestamp(seconds: .min) == Timestamp(microseconds: .min))
    }
}
