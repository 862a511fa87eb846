import JSONWire
import RoomCore
import Testing

@Suite struct FilterTests {
    private func matches(_ filter: JSONObject, online: [String] = []) throws -> [String] {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", alias: "prod", by: .gpu1) {
            $0.fields.name = .set("Mouse")
            $0.fields.type = .set(.centroid)
            $0.fields.tags = ["x", "y"]
            $0.fields.metrics = .set(["val_loss": 0.02])
        }
        try room.publish("bbbbbbbb", by: .gpu2) {
            $0.fields.status = .failed
            $0.fields.tags = ["y"]
            $0.fields.notes = .set("Night run")
            $0.fields.metrics = .set(["val_loss": 2])
        }
        try room.publish("cccccccc")
        try room.decide(.withdraw(model: "cccccccc", reason: nil))
        var presence = WorkerPresence()
        for worker in online { presence.arrive(WorkerName(trusted: worker), at: Timestamp(seconds: 1)) }
        var query = ListQuery()
        query.filter = try ModelFilter(FieldReader(filter))
        return room.manifest.list(query, presence: presence, maxBytes: 1 << 20).entries.map(\.model.id.text).sorted()
    }

    @Test func eachFilterRestricts() throws {
        #expect(try matches([:]) == ["aaaaaaaa", "bbbbbbbb"])
        #expect(try matches(["include_deleted": true]) == ["aaaaaaaa", "bbbbbbbb", "cccccccc"])
        #expect(try matches(["status": "failed"]) == ["bbbbbbbb"])
        #expect(try matches(["model_type": "centroid"]) == ["aaaaaaaa"])
        #expect(try matches(["tags": ["x", "y"]]) == ["aaaaaaaa"])
        #expect(try matches(["tags": ["y"]]) == ["aaaaaaaa", "bbbbbbbb"])
        #expect(try matches(["name": "Mouse"]) == ["aaaaaaaa"])
        #expect(try matches(["alias": "prod"]) == ["aaaaaaaa"])
        #expect(try matches(["trained_by": "dan"]) == ["bbbbbbbb"])
        #expect(try matches(["worker": "gpu-2"]) == ["bbbbbbbb"])
        #expect(try matches(["stored": true]) == [])
        #expect(try matches(["text": "night"]) == ["bbbbbbbb"])
        #expect(try matches(["text": "MOUSE"]) == ["aaaaaaaa"])
    }

    @Test func availabilityFollowsPresence() throws {
        #expect(try matches(["available": true]) == [])
        #expect(try matches(["available": true], online: ["gpu-1"]) == ["aaaaaaaa"])
        #expect(try matches(["available": false], online: ["gpu-1"]) == ["bbbbbbbb"])
    }

    @Test func metricsAreCompared() throws {
        #expect(try matches(["metrics": ["val_loss": ["$lt": 0.05]]]) == ["aaaaaaaa"])
        #expect(try matches(["metrics": ["val_loss": ["$gte": 0.02, "$lte": 2]]]) == ["aaaaaaaa", "bbbbbbbb"])
        #expect(try matches(["metrics": ["val_loss": ["$gt": 0.02]]]) == ["bbbbbbbb"])
        #expect(try matches(["metrics": ["val_loss": ["$eq": 2]]]) == ["bbbbbbbb"])
        #expect(try matches(["metrics": ["map": ["$gt": 0]]]) == [])
    }

    @Test(
        arguments: [
            ["status": "done"], ["status": 1], ["tags": "x"], ["tags": ["a b"]], ["available": "yes"],
            ["metrics": ["val_loss": 1]], ["metrics": ["val_loss": ["$ne": 1]]],
            ["metrics": ["val_loss": ["$lt": "x"]]],
            ["parent_id": "xyz"],
        ] as [JSONObject])
    func nonsenseIsANamedFault(_ filter: JSONObject) {
        #expect(throws: FieldFault.self) { try ModelFilter(FieldReader(filter)) }
    }

    @Test func comparisonsShowDifferencesAndTheBest() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa") {
            $0.fields.metrics = .set(["val_loss": 0.1, "map": 0.5])
            $0.fields.hyperparameters = .set(["lr": 0.1, "deep": ["k": 1]])
        }
        try room.publish("bbbbbbbb") {
            $0.fields.metrics = .set(["val_loss": 0.2, "map": 0.9])
            $0.fields.hyperparameters = .set(["lr": 0.1, "deep": ["k": 2]])
        }
        let comparison = ModelComparison(["aaaaaaaa", "bbbbbbbb"].compactMap { room.manifest.resolve($0) })
        #expect(
            Dictionary(comparison.best.map { ($0.metric, $0.model.text) }, uniquingKeysWith: { $1 }) == [
                "val_loss": "aaaaaaaa", "map": "bbbbbbbb",
            ])
        let paths = Set(comparison.differences.map(\.path))
        #expect(paths == ["metrics.val_loss", "metrics.map", "hyperparameters.deep.k"])
    }
}
