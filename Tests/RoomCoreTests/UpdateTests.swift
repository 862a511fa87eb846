import JSONWire
import RoomCore
import Testing

@Suite struct UpdateTests {
    private func room() throws -> Room {
        var room = Room()
        try room.publish("aaaaaaaa") {
            $0.fields.tags = ["x", "y"]
            $0.fields.name = .set("mouse")
            $0.fields.notes = .set("old")
            $0.alias = Alias(trusted: "best")
        }
        return room
    }

    @Test func fieldsAreSetClearedOrLeft() throws {
        var room = try room()
        let decision = try room.update("best", by: Room.member) {
            $0.fields.notes = .cleared
            $0.fields.status = .archived
        }
        #expect(decision.change?.kind == .updated && decision.entry.model.notes == "")
        #expect(decision.entry.model.status == .archived && decision.entry.model.name == "mouse")
    }

    @Test func tagsAreAddedAndRemoved() throws {
        var room = try room()
        try room.update("aaaaaaaa") {
            $0.addTags = ["z", "x"]
            $0.removeTags = ["y", "unknown"]
        }
        #expect(try room.model("aaaaaaaa").tags == ["x", "z"])
    }

    @Test func updatesThatChangeNothingMakeNoRevision() throws {
        var room = try room()
        let decision = try room.update("aaaaaaaa") {
            $0.fields.notes = .set("old")
            $0.addTags = ["x"]
        }
        #expect(decision.change == nil && decision.revision == Revision(1))
    }

    @Test func anotherModelRevisionIsStale() throws {
        var room = try room()
        try room.publish("bbbbbbbb")
        try room.update("aaaaaaaa") {
            $0.ifModelRevision = Revision(1)
            $0.fields.notes = .set("new")
        }
        let refused = refusal { () throws(Refusal) in
            try room.update("aaaaaaaa") { $0.ifModelRevision = Revision(1) }
        }
        #expect(refused == .staleRevision(Revision(3), of: "model aaaaaaaa"))
    }

    @Test func tagsHaveALimit() throws {
        var room = try room()
        let refused = refusal { () throws(Refusal) in
            try room.update("aaaaaaaa") { $0.addTags = (0..<EntryLimits.tags).map { "t\($0)" } }
        }
        #expect(refused?.kind == "limitReached")
    }

    @Test func renamingGivesTheNextVersionOfTheNewName() throws {
        var room = try room()
        try room.publish("bbbbbbbb") { $0.fields.name = .set("rat") }
        #expect(try room.update("aaaaaaaa") { $0.fields.name = .set("rat") }.entry.model.version == 2)
        #expect(try room.update("aaaaaaaa") { $0.fields.name = .cleared }.entry.model.version == nil)
    }

    @Test func withdrawnAndUnknownModelsAreNotFound() throws {
        var room = try room()
        try room.withdraw("aaaaaaaa")
        for name in ["aaaaaaaa", "best", "cccccccc"] {
            #expect(refusal { () throws(Refusal) in try room.update(name) { _ in } } == .modelNotFound(name))
        }
    }
}

@Suite struct WithdrawTests {
    @Test func withdrawnModelsStayUntilRestored() throws {
        var room = Room()
        try room.publish("aaaaaaaa")
        let withdrawn = try room.decide(.withdraw(model: "aaaaaaaa", reason: "bad"), by: Room.member)
        #expect(withdrawn.change?.kind == .withdrawn && withdrawn.change?.reason == "bad")
        #expect(try room.model("aaaaaaaa").deletedAt == room.now && room.manifest.liveCount == 0)
        #expect(try room.withdraw("aaaaaaaa").change == nil)
        #expect(try room.restore("aaaaaaaa", by: Room.member).change?.kind == .restored)
        #expect(try room.model("aaaaaaaa").deletedAt == nil && room.manifest.liveCount == 1)
        #expect(try room.restore("aaaaaaaa").change == nil)
        #expect(room.manifest.revision == Revision(3))
    }

    @Test func unknownModelsAreNotFound() {
        var room = Room()
        #expect(refusal { () throws(Refusal) in try room.withdraw("x") } == .modelNotFound("x"))
        #expect(refusal { () throws(Refusal) in try room.restore("x") } == .modelNotFound("x"))
    }

    @Test func protectedModelsAreWithdrawnAndRestoredByTheOwner() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.fields.isProtected = true }
        #expect(refusal { () throws(Refusal) in try room.withdraw("aaaaaaaa", by: Room.member) }?.kind == "forbidden")
        try room.withdraw("aaaaaaaa")
        #expect(refusal { () throws(Refusal) in try room.restore("aaaaaaaa", by: Room.member) }?.kind == "forbidden")
        try room.restore("aaaaaaaa")
        #expect(room.manifest.liveCount == 1)
    }
}

@Suite struct CopyTests {
    @Test func workersReportAndRetractCopies() throws {
        var room = Room()
        try room.publish("aaaaaaaa", digest: "a")
        let first = try room.copy("aaaaaaaa") { $0.path = "/a" }
        #expect(first.change?.kind == .copied && first.entry.model.copies.map(\.path) == ["/a"])
        #expect(try room.copy("aaaaaaaa").change == nil)
        #expect(try room.copy("aaaaaaaa") { $0.path = "/b" }.entry.model.copies.map(\.path) == ["/b"])
        try room.copy("aaaaaaaa", by: Room.worker(named: "gpu-2"))
        #expect(try room.copy("aaaaaaaa", false).entry.model.copies.map(\.worker.text) == ["gpu-2"])
        #expect(try room.copy("aaaaaaaa", false).change == nil)
    }

    @Test func copiesOfOtherContentAreRefused() throws {
        var room = Room()
        try room.publish("aaaaaaaa", digest: "a")
        #expect(refusal { () throws(Refusal) in try room.copy("aaaaaaaa") { $0.digest = .of("b") } }?.kind == "invalid")
        #expect(try room.copy("aaaaaaaa") { $0.digest = .of("a") }.change != nil)
    }

    @Test func onlyWorkersHaveCopies() throws {
        var room = Room()
        try room.publish("aaaaaaaa")
        #expect(refusal { () throws(Refusal) in try room.copy("aaaaaaaa", by: Room.owner) }?.kind == "forbidden")
    }

    @Test func availabilityIsPresence() throws {
        var room = Room()
        try room.publish("aaaaaaaa")
        let entry = try room.copy("aaaaaaaa").entry
        var presence = WorkerPresence()
        #expect(entry.available(presence).isEmpty)
        presence.arrive(WorkerName(trusted: "gpu-1"), at: Timestamp(seconds: 2_000))
        #expect(entry.available(presence).map(\.text) == ["gpu-1"])
        presence.leave(WorkerName(trusted: "gpu-1"), at: Timestamp(seconds: 1_500))
        #expect(entry.available(presence).isEmpty)
        #expect(presence.lastSeen(of: WorkerName(trusted: "gpu-1")) == Timestamp(seconds: 2_000))
        let json = try JSONValue.parse(entry.encoded(presence: presence), maxDepth: 64).objectValue
        let copy = json?["copies"]?.arrayValue?.first?.objectValue
        #expect(copy?["online"] == false && copy?["last_seen"] == "1970-01-01T00:33:20Z")
    }
}

@Suite struct PermissionTests {
    @Test func viewersWriteNothing() throws {
        var room = Room()
        try room.publish("aaaaaaaa")
        let requests: [WriteRequest] = [
            .publish(.of("bbbbbbbb")), .update(ModelUpdate(model: "aaaaaaaa")),
            .alias(AliasMove(alias: Alias(trusted: "best"), model: "aaaaaaaa")),
            .withdraw(model: "aaaaaaaa", reason: nil), .restore(model: "aaaaaaaa", reason: nil),
            .copy(CopyReport(model: "aaaaaaaa", available: true)),
        ]
        for request in requests {
            #expect(refusal { () throws(Refusal) in try room.decide(request, by: Room.viewer) }?.kind == "forbidden")
        }
    }

    @Test func onlyTheOwnerSetsProtected() throws {
        var room = Room()
        let published = refusal { () throws(Refusal) in
            try room.publish("aaaaaaaa", by: Room.member) { $0.fields.isProtected = false }
        }
        #expect(published?.kind == "forbidden")
        try room.publish("aaaaaaaa", by: Room.member)
        let updated = refusal { () throws(Refusal) in
            try room.update("aaaaaaaa", by: Room.member) { $0.fields.isProtected = true }
        }
        #expect(updated?.kind == "forbidden")
        #expect(try room.update("aaaaaaaa") { $0.fields.isProtected = true }.entry.model.isProtected)
    }

    @Test func protectedModelsChangeOnlyByTheOwner() throws {
        var room = Room()
        try room.publish("aaaaaaaa", digest: "a", by: Room.member)
        try room.update("aaaaaaaa") { $0.fields.isProtected = true }
        let updated = refusal { () throws(Refusal) in
            try room.update("aaaaaaaa", by: Room.member) { $0.fields.notes = .set("n") }
        }
        let merged = refusal { () throws(Refusal) in
            try room.publish("aaaaaaaa", digest: "a", by: Room.member) { $0.fields.notes = .set("n") }
        }
        let replaced = refusal { () throws(Refusal) in
            try room.publish("aaaaaaaa", digest: "b", by: Room.member) { $0.onConflict = .replace }
        }
        #expect([updated, merged, replaced].map { $0?.kind } == ["forbidden", "forbidden", "forbidden"])
        #expect(try room.copy("aaaaaaaa").change != nil)
    }
}
