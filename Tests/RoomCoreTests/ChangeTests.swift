import JSONWire
import RoomCore
import Testing

/// Updates, withdrawals, copies and permissions.
@Suite struct ChangeTests {
    @Test func anUpdateSetsClearsAndTags() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa") {
            $0.fields.notes = .set("n")
            $0.fields.tags = ["a", "b"]
        }
        var update = ModelUpdate(model: "aaaaaaaa")
        update.fields.notes = .cleared
        update.fields.status = .archived
        update.addTags = ["c"]
        update.removeTags = ["a"]
        let decision = try room.decide(.update(update), by: .member)
        #expect(decision.entry.model.notes == "")
        #expect(decision.entry.model.status == .archived)
        #expect(decision.entry.model.tags == ["b", "c"])
        #expect(try room.decide(.update(update), by: .member).change == nil)
        update.ifModelRevision = Revision(1)
        #expect(throws: Refusal.staleRevision(Revision(2), of: "model aaaaaaaa")) { try room.decide(.update(update)) }
    }

    @Test func aWithdrawnModelFreesItsAliasesAndComesBack() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", alias: "prod")
        try room.decide(.withdraw(model: "prod", reason: "bad data"))
        #expect(room.model("aaaaaaaa")?.isWithdrawn == true)
        #expect(room.holder("prod") == nil)
        #expect(room.manifest.liveCount == 0)
        #expect(room.changes.last?.reason == "bad data")
        #expect(try room.decide(.withdraw(model: "aaaaaaaa", reason: nil)).change == nil)
        #expect(throws: Refusal.self) { try room.decide(.update(ModelUpdate(model: "aaaaaaaa"))) }
        try room.publish("bbbbbbbb", alias: "prod")
        let restored = try room.decide(.restore(model: "aaaaaaaa", reason: nil))
        #expect(restored.change?.kind == .restored)
        #expect(room.model("aaaaaaaa")?.isWithdrawn == false)
        #expect(room.holder("prod") == "bbbbbbbb")
    }

    @Test func onlyWorkersReportCopiesAndOnlyTheirOwn() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a")
        var report = CopyReport(model: "aaaaaaaa", available: true)
        report.path = "/m/a"
        #expect(throws: Refusal.forbidden("Only workers report copies")) {
            try room.decide(.copy(report), by: .member)
        }
        try room.decide(.copy(report), by: .gpu1)
        try room.decide(.copy(report), by: .gpu2)
        #expect(room.model("aaaaaaaa")?.copies.map(\.worker.text) == ["gpu-1", "gpu-2"])
        #expect(try room.decide(.copy(report), by: .gpu2).change == nil)
        report.digest = Digest(trusted: String(repeating: "b", count: 64))
        #expect(throws: Refusal.self) { try room.decide(.copy(report), by: .gpu1) }
        try room.decide(.copy(CopyReport(model: "aaaaaaaa", available: false)), by: .gpu1)
        #expect(room.model("aaaaaaaa")?.copies.map(\.worker.text) == ["gpu-2"])
    }

    @Test func viewersWriteNothing() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", alias: "prod")
        let requests: [WriteRequest] = [
            .publish(Publication(id: ModelID(trusted: "bbbbbbbb"))), .update(ModelUpdate(model: "aaaaaaaa")),
            .alias(AliasMove(alias: Alias(trusted: "x"), model: "aaaaaaaa")),
            .withdraw(model: "aaaaaaaa", reason: nil), .restore(model: "aaaaaaaa", reason: nil),
            .copy(CopyReport(model: "aaaaaaaa", available: true)),
        ]
        for request in requests {
            #expect(throws: Refusal.forbidden("Viewers may read this room, not write to it")) {
                try room.decide(request, by: .viewer)
            }
        }
        #expect(room.manifest.revision == Revision(1))
    }

    @Test func aRefusedDecisionLeavesTheDraftAsItWas() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a", alias: "prod")
        var draft = Draft(room.manifest)
        let now = Timestamp(seconds: 1_800_000_000)
        _ = try draft.decide(.publish(Publication(id: ModelID(trusted: "bbbbbbbb"))), by: .owner, at: now)
        var clash = Publication(id: ModelID(trusted: "cccccccc"))
        clash.alias = Alias(trusted: "prod")
        #expect(throws: Refusal.self) { try draft.decide(.publish(clash), by: .owner, at: now) }
        #expect(draft.revision == Revision(2))
        #expect(draft.changes.count == 1)
        _ = try draft.decide(.alias(AliasMove(alias: Alias(trusted: "b"), model: "bbbbbbbb")), by: .owner, at: now)
        for change in draft.changes { room.manifest.apply(change) }
        #expect(room.holder("b") == "bbbbbbbb")
        #expect(room.model("cccccccc") == nil)
    }
}
