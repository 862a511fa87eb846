import JSONWire
import RoomCore
import Testing

@Suite struct PublishTests {
    @Test func aFirstPublicationIsCreatedAtTheNextRevision() throws {
        var room = RoomUnderTest()
        let decision = try room.publish("aaaaaaaa", digest: "a", by: .gpu1) { $0.fields.name = .set("mouse") }
        #expect(decision.created)
        #expect(decision.revision == Revision(1))
        let model = try #require(room.model("aaaaaaaa"))
        #expect(model.createdRevision == Revision(1) && model.revision == Revision(1))
        #expect(model.version == 1)
        #expect(model.publishedBy == Actor.gpu1.user)
        #expect(model.trainedOnWorker?.text == "gpu-1")
        #expect(model.copies.map(\.worker.text) == ["gpu-1"])
        #expect(model.status == .completed && model.source == .workerTraining)
    }

    @Test func theSameAgainChangesNothing() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a", alias: "prod", by: .gpu1)
        let again = try room.publish("aaaaaaaa", digest: "a", alias: "prod", by: .gpu1)
        #expect(again.change == nil)
        #expect(!again.created)
        #expect(again.revision == Revision(1))
    }

    @Test func theSameContentIsMergedAndNullsSayNothing() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a", by: .gpu1) {
            $0.fields.tags = ["x"]
            $0.fields.notes = .set("first")
            $0.fields.metrics = .set(["val_loss": 0.5])
        }
        let merged = try room.publish("aaaaaaaa", digest: "a", by: .gpu2) {
            $0.fields.tags = ["y"]
            $0.fields.metrics = .set(["map": 0.9])
            $0.fields = $0.fields.ignoringNulls
        }
        #expect(!merged.created)
        let model = try #require(room.model("aaaaaaaa"))
        #expect(model.tags == ["x", "y"])
        #expect(model.notes == "first")
        #expect(model.metrics == ["val_loss": 0.5, "map": 0.9])
        #expect(model.copies.map(\.worker.text) == ["gpu-1", "gpu-2"])
        #expect(model.publishedBy == Actor.gpu1.user)
    }

    @Test func otherContentUnderTheSameIDIsRefused() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a")
        #expect(
            throws: Refusal.modelExists(
                ModelID(trusted: "aaaaaaaa"), digest: Digest(trusted: String(repeating: "a", count: 64)))
        ) {
            try room.publish("aaaaaaaa", digest: "b")
        }
        #expect(room.manifest.revision == Revision(1))
    }

    @Test func suffixTakesTheNextFreeIDAndRepeatingItIsNoNewModel() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a")
        let second = try room.publish("aaaaaaaa", digest: "b") { $0.onConflict = .suffix }
        #expect(second.entry.model.id.text == "aaaaaaaa-2")
        let third = try room.publish("aaaaaaaa", digest: "c") { $0.onConflict = .suffix }
        #expect(third.entry.model.id.text == "aaaaaaaa-3")
        let again = try room.publish("aaaaaaaa", digest: "b") { $0.onConflict = .suffix }
        #expect(again.entry.model.id.text == "aaaaaaaa-2")
        #expect(!again.created && again.change == nil)
    }

    @Test func replaceIsForThePublisherAndTheOwner() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a", alias: "prod", by: .gpu1) { $0.fields.name = .set("m") }
        #expect(throws: Refusal.self) {
            try room.publish("aaaaaaaa", digest: "b", by: .gpu2) { $0.onConflict = .replace }
        }
        let replaced = try room.publish("aaaaaaaa", digest: "b", by: .gpu1) {
            $0.onConflict = .replace
            $0.fields.name = .set("m")
        }
        let model = replaced.entry.model
        #expect(model.digest?.text.first == "b")
        #expect(model.version == 2)
        #expect(model.aliases.map(\.text) == ["prod"])
        #expect(model.createdRevision == Revision(1))
        try room.publish("aaaaaaaa", digest: "c", by: .owner) { $0.onConflict = .replace }
        #expect(room.model("aaaaaaaa")?.digest?.text.first == "c")
    }

    @Test func versionsOfANameAreNeverGivenTwice() throws {
        var room = RoomUnderTest()
        for (index, id) in ["aaaaaaaa", "bbbbbbbb", "cccccccc"].enumerated() {
            let decision = try room.publish(id) { $0.fields.name = .set("m") }
            #expect(decision.entry.model.version == index + 1)
        }
        try room.decide(.withdraw(model: "cccccccc", reason: nil))
        #expect(try room.publish("dddddddd") { $0.fields.name = .set("m") }.entry.model.version == 4)
        #expect(try room.publish("eeeeeeee").entry.model.version == nil)
    }

    @Test func aStaleRoomRevisionIsRefusedWithTheTrueOne() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa") { $0.ifRevision = .zero }
        #expect(throws: Refusal.staleRevision(Revision(1), of: "room")) {
            try room.publish("bbbbbbbb") { $0.ifRevision = .zero }
        }
    }

    @Test func aRoomHoldsSoManyModelsAndNoMore() throws {
        var room = RoomUnderTest()
        room.limits = ManifestLimits(models: 2)
        try room.publish("aaaaaaaa")
        try room.publish("bbbbbbbb")
        #expect(throws: Refusal.limitReached("This room holds its limit of 2 models; withdrawn ones count")) {
            try room.publish("cccccccc")
        }
        try room.publish("bbbbbbbb") { $0.fields.notes = .set("still fine") }
    }

    @Test func anEntryHasALargestSize() {
        var room = RoomUnderTest()
        #expect(throws: Refusal.self) {
            try room.publish("aaaaaaaa") {
                $0.fields.hyperparameters = .set(["x": .string(String(repeating: "x", count: EntryLimits.encodedBytes))]
                )
            }
        }
        #expect(room.manifest.revision == .zero)
    }

    @Test func copiesAreRecordedForWorkersUnlessTheySayNot() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", by: .gpu1) { $0.workerPath = "/data/a" }
        try room.publish("bbbbbbbb", by: .gpu1) { $0.recordsCopy = false }
        try room.publish("cccccccc", by: .member)
        #expect(room.model("aaaaaaaa")?.copies.first?.path == "/data/a")
        #expect(room.model("bbbbbbbb")?.copies.isEmpty == true)
        #expect(room.model("cccccccc")?.copies.isEmpty == true)
    }
}
