import JSONWire
import RoomCore
import Testing

@Suite struct PublishTests {
    @Test func publishingCreatesTheFirstVersion() throws {
        var room = Room()
        let decision = try room.publish("a3f5e8c9", digest: "a", by: Room.member) { $0.fields.name = .set("mouse") }
        let model = try room.model("a3f5e8c9")
        #expect(decision.created && decision.revision == Revision(1))
        #expect(model.version == 1 && model.status == .completed && model.source == .clientUpload)
        #expect(model.publishedBy == Room.member.user && model.trainedBy == "ben" && model.publishedAt == room.now)
        #expect(model.revision == Revision(1) && model.createdRevision == Revision(1) && model.deletedAt == nil)
        #expect(room.manifest.liveCount == 1)
    }

    @Test func modelsWithoutNameHaveNoVersion() throws {
        var room = Room()
        try room.publish("a3f5e8c9")
        #expect(try room.model("a3f5e8c9").version == nil)
    }

    @Test func sameDigestIsMerged() throws {
        var room = Room()
        try room.publish("a3f5e8c9", digest: "a") {
            $0.fields.tags = ["x"]
            $0.fields.metrics = .set(["loss": 1])
            $0.fields.name = .set("mouse")
        }
        let decision = try room.publish("a3f5e8c9", digest: "a", by: Room.member) {
            $0.fields.tags = ["y", "x"]
            $0.fields.metrics = .set(["acc": 2])
            $0.fields.notes = .set("again")
        }
        let model = try room.model("a3f5e8c9")
        #expect(!decision.created && decision.revision == Revision(2))
        #expect(model.tags == ["x", "y"] && model.metrics == ["loss": 1, "acc": 2] && model.notes == "again")
        #expect(model.name == "mouse" && model.version == 1 && model.publishedBy == Room.owner.user)
    }

    @Test func otherDigestIsRefused() throws {
        var room = Room()
        try room.publish("a3f5e8c9", digest: "a")
        let refused = refusal { () throws(Refusal) in try room.publish("a3f5e8c9", digest: "b") }
        #expect(refused == .modelExists(ModelID(trusted: "a3f5e8c9"), digest: .of("a")))
        #expect(room.manifest.revision == Revision(1))
    }

    @Test func suffixTakesTheNextFreeNumberOnce() throws {
        var room = Room()
        try room.publish("a3f5e8c9", digest: "a")
        let suffix: (inout Publication) -> Void = { $0.onConflict = .suffix }
        #expect(try room.publish("a3f5e8c9", digest: "b", suffix).entry.model.id.text == "a3f5e8c9-2")
        #expect(try room.publish("a3f5e8c9", digest: "c", suffix).entry.model.id.text == "a3f5e8c9-3")
        let repeated = try room.publish("a3f5e8c9", digest: "b", suffix)
        #expect(repeated.entry.model.id.text == "a3f5e8c9-2" && !repeated.created && repeated.change == nil)
        #expect(room.manifest.models.count == 3)
    }

    @Test func replacingIsForThePublisherAndTheOwner() throws {
        for (actor, allowed) in [(Room.owner, true), (Room.member, true), (Room.worker, false)] {
            var room = Room()
            try room.publish("a3f5e8c9", digest: "a", by: Room.member) { $0.alias = Alias(trusted: "best") }
            let refused = refusal { () throws(Refusal) in
                try room.publish("a3f5e8c9", digest: "b", by: actor) { $0.onConflict = .replace }
            }
            #expect(refused?.kind == (allowed ? nil : "forbidden"))
            #expect(try room.model("best").digest == .of(allowed ? "b" : "a"))
        }
    }

    @Test func replacingKeepsAliasesAndCountsTheVersionOn() throws {
        var room = Room()
        try room.publish("a3f5e8c9", digest: "a", by: Room.worker) {
            $0.fields.name = .set("mouse")
            $0.alias = Alias(trusted: "best")
        }
        let decision = try room.publish("a3f5e8c9", digest: "b") {
            $0.fields.name = .set("mouse")
            $0.onConflict = .replace
        }
        let model = decision.entry.model
        #expect(!decision.created && model.version == 2 && model.aliases == [Alias(trusted: "best")])
        #expect(model.copies.isEmpty && model.createdRevision == Revision(1) && model.revision == Revision(2))
    }

    @Test func aliasAtPublishMovesOnlyByForce() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.alias = Alias(trusted: "best") }
        let refused = refusal { () throws(Refusal) in
            try room.publish("bbbbbbbb") { $0.alias = Alias(trusted: "best") }
        }
        #expect(refused == .aliasTaken(Alias(trusted: "best"), holder: ModelID(trusted: "aaaaaaaa")))
        #expect(room.manifest.models.count == 1)
        let forced = try room.publish("bbbbbbbb") {
            $0.alias = Alias(trusted: "best")
            $0.forceAlias = true
        }
        #expect(forced.previousHolder?.text == "aaaaaaaa" && forced.change?.other?.model.aliases == [])
        #expect(try room.aliases(of: "aaaaaaaa").isEmpty && room.aliases(of: "bbbbbbbb") == ["best"])
    }

    @Test func workersRecordTheirCopyUnlessToldNot() throws {
        var room = Room()
        let kept = try room.publish("aaaaaaaa", by: Room.worker) { $0.workerPath = "/data/a" }
        #expect(kept.entry.model.copies.map(\.path) == ["/data/a"] && kept.entry.model.source == .workerTraining)
        #expect(kept.entry.model.trainedOnWorker == Room.worker.worker)
        #expect(try room.publish("bbbbbbbb", by: Room.worker) { $0.recordsCopy = false }.entry.model.copies.isEmpty)
        #expect(try room.publish("cccccccc", by: Room.member).entry.model.copies.isEmpty)
    }

    @Test func publishingTheSameAgainMakesNoRevision() throws {
        var room = Room()
        let shape: (inout Publication) -> Void = {
            $0.alias = Alias(trusted: "best")
            $0.fields.tags = ["x"]
        }
        try room.publish("aaaaaaaa", digest: "a", by: Room.worker, shape)
        let again = try room.publish("aaaaaaaa", digest: "a", by: Room.worker, shape)
        #expect(again.change == nil && again.revision == Revision(1) && !again.created)
        #expect(room.manifest.revision == Revision(1))
    }

    @Test func publishingAWithdrawnModelBringsItBack() throws {
        var room = Room()
        try room.publish("aaaaaaaa", digest: "a")
        try room.withdraw("aaaaaaaa")
        #expect(try !room.publish("aaaaaaaa", digest: "a").created)
        #expect(try !room.model("aaaaaaaa").isWithdrawn && room.manifest.liveCount == 1)
    }

    @Test func versionsAreNeverReused() throws {
        var room = Room()
        for id in ["aaaaaaaa", "bbbbbbbb"] { try room.publish(id) { $0.fields.name = .set("mouse") } }
        try room.withdraw("bbbbbbbb")
        try room.update("aaaaaaaa") { $0.fields.name = .set("rat") }
        let third = try room.publish("cccccccc") { $0.fields.name = .set("mouse") }
        #expect(third.entry.model.version == 3)
        #expect(try room.model("aaaaaaaa").version == 1)
        let back = try room.update("aaaaaaaa") { $0.fields.name = .set("mouse") }
        #expect(back.entry.model.version == 4)
    }

    @Test func anotherRevisionThanExpectedIsStale() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.ifRevision = .zero }
        let refused = refusal { () throws(Refusal) in try room.publish("bbbbbbbb") { $0.ifRevision = .zero } }
        #expect(refused == .staleRevision(Revision(1), of: "room"))
    }

    @Test func aFullRoomTakesNoOtherModelButMergesOn() throws {
        var room = Room()
        room.limits.models = 1
        try room.publish("aaaaaaaa", digest: "a")
        let full = refusal { () throws(Refusal) in try room.publish("bbbbbbbb") }
        #expect(full?.kind == "limitReached")
        #expect(try room.publish("aaaaaaaa", digest: "a") { $0.fields.notes = .set("n") }.change != nil)
    }

    @Test func modelsDraftedTogetherCountAgainstTheLimit() throws {
        var draft = Draft(Room().manifest, limits: ManifestLimits(models: 2))
        for id in ["aaaaaaaa", "bbbbbbbb"] {
            _ = try draft.decide(.publish(.of(id)), by: Room.owner, at: Timestamp(seconds: 0))
        }
        #expect(throws: Refusal.self) {
            try draft.decide(.publish(.of("cccccccc")), by: Room.owner, at: Timestamp(seconds: 0))
        }
        #expect(draft.changes.count == 2)
    }

    @Test func oversizedEntriesAreRefused() {
        var room = Room()
        let text = String(repeating: "x", count: EntryLimits.encodedBytes)
        let refused = refusal { () throws(Refusal) in
            try room.publish("aaaaaaaa") { $0.fields.hyperparameters = .set(["a": .string(text)]) }
        }
        #expect(refused?.kind == "tooLarge" && room.manifest.models.isEmpty)
    }

    @Test func mergingCannotPassTheTagLimit() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.fields.tags = (0..<EntryLimits.tags).map { "t\($0)" } }
        let refused = refusal { () throws(Refusal) in try room.publish("aaaaaaaa") { $0.fields.tags = ["more"] } }
        #expect(refused?.kind == "limitReached")
    }

    @Test func sizeIsTheSumOfTheFiles() throws {
        var room = Room()
        try room.publish("aaaaaaaa") {
            $0.files = [3, 4].map { ModelFile(path: "\($0).ckpt", size: $0, sha256: .of("f")) }
        }
        #expect(try room.model("aaaaaaaa").sizeBytes == 7)
    }
}
