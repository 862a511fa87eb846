import JSONWire
import RoomCore
import Testing

@Suite struct FilterTests {
    private func room() throws -> Room {
        var room = Room()
        try room.publish("aaaaaaaa", by: Room.worker) {
            $0.fields.name = .set("Mouse")
            $0.fields.type = .set(.centroid)
            $0.fields.tags = ["x", "y"]
            $0.fields.metrics = .set(["loss": 0.5])
            $0.alias = Alias(trusted: "best")
        }
        try room.publish("bbbbbbbb", by: Room.member) {
            $0.fields.parentID = .set(ModelID(trusted: "aaaaaaaa"))
            $0.fields.tags = ["x"]
            $0.fields.status = .training
        }
        try room.publish("cccccccc")
        try room.withdraw("cccccccc")
        return room
    }

    @Test(arguments: [
        ("{}", "ab"), (#"{"status":"training"}"#, "b"), (#"{"model_type":"centroid"}"#, "a"),
        (#"{"tags":["x"]}"#, "ab"), (#"{"tags":["x","y"]}"#, "a"), (#"{"name":"Mouse"}"#, "a"),
        (#"{"name":"mouse"}"#, ""), (#"{"alias":"best"}"#, "a"), (#"{"trained_by":"ben"}"#, "b"),
        (#"{"worker":"gpu-1"}"#, "a"), (#"{"worker":"gpu-2"}"#, ""), (#"{"available":true}"#, "a"),
        (#"{"available":false}"#, "b"), (#"{"stored":true}"#, ""), (#"{"stored":false}"#, "ab"),
        (#"{"text":"MOUSE"}"#, "a"), (#"{"text":"BEST"}"#, "a"), (#"{"text":""}"#, "ab"),
        (#"{"parent_id":"aaaaaaaa"}"#, "b"), (#"{"include_deleted":true}"#, "abc"),
        (#"{"metrics":{"loss":{"$lt":0.6}}}"#, "a"), (#"{"metrics":{"loss":{"$lt":0.5}}}"#, ""),
        (#"{"metrics":{"loss":{"$lte":0.5,"$gte":0.5,"$eq":0.5}}}"#, "a"), (#"{"metrics":{"loss":{"$gt":0.5}}}"#, ""),
        (#"{"metrics":{"acc":{"$gt":0}}}"#, ""), (#"{"tags":null,"status":null}"#, "ab"),
    ])
    func filtersRestrict(_ json: String, _ expected: String) throws {
        let object = try #require(try JSONValue.parse(json, maxDepth: 8).objectValue)
        var presence = WorkerPresence()
        presence.arrive(WorkerName(trusted: "gpu-1"), at: Timestamp(seconds: 0))
        var query = ListQuery()
        query.filter = try ModelFilter(FieldReader(object))
        query.order = ModelOrder(key: .publishedAt, descending: false)
        let page = try room().manifest.list(query, presence: presence, maxBytes: .max)
        #expect(page.entries.map { String($0.model.id.text.prefix(1)) }.joined() == expected)
        #expect(page.count == expected.count)
    }

    @Test(arguments: [
        #"{"status":"x"}"#, #"{"status":1}"#, #"{"model_type":"x"}"#, #"{"tags":"x"}"#, #"{"tags":["a b"]}"#,
        #"{"alias":"-"}"#, #"{"available":1}"#, #"{"parent_id":"x"}"#, #"{"metrics":[]}"#,
        #"{"metrics":{"a":1}}"#, #"{"metrics":{"a":{"$ne":1}}}"#, #"{"metrics":{"a":{"$lt":"1"}}}"#,
    ])
    func badFiltersAreFaults(_ json: String) throws {
        let object = try #require(try JSONValue.parse(json, maxDepth: 8).objectValue)
        #expect(throws: FieldFault.self) { try ModelFilter(FieldReader(object)) }
    }
}

@Suite struct ComparisonTests {
    @Test func differencesAndTheBestAreNamed() throws {
        var room = Room()
        let metrics: [(String, JSONObject)] = [
            ("aaaaaaaa", ["val_loss": 0.2, "accuracy": 0.7]), ("bbbbbbbb", ["val_loss": 0.1]), ("cccccccc", [:]),
        ]
        for (id, metrics) in metrics {
            try room.publish(id) {
                $0.fields.metrics = .set(metrics)
                $0.fields.name = .set("mouse")
            }
        }
        let entries = metrics.compactMap { room.manifest.resolve($0.0) }
        let comparison = ModelComparison(entries)
        let differences = Dictionary(uniqueKeysWithValues: comparison.differences.map { ($0.path, $0.values) })
        #expect(differences["metrics.val_loss"] == [0.2, 0.1, nil])
        #expect(differences["version"] == [1, 2, 3])
        #expect(differences["name"] == nil && differences["metrics"] == nil && differences["id"] == nil)
        let best = Dictionary(uniqueKeysWithValues: comparison.best.map { ($0.metric, $0.model.text) })
        #expect(best == ["val_loss": "bbbbbbbb", "accuracy": "aaaaaaaa"])
    }
}

@Suite struct PeerTests {
    @Test func updatesAreFoldedIn() {
        let old = PeerMetadata(["tags": ["a"], "properties": ["gpu": 1, "os": "linux"], "v": 1])
        let merged = old.merging(["tags": ["b", "a"], "properties": ["gpu": 2], "v": nil, "new": true])
        #expect(merged.tags == ["a", "b"] && merged.properties == ["gpu": 2, "os": "linux"])
        #expect(merged.object["v"] == .null && merged.object["new"] == true)
        #expect(PeerMetadata().withProperties().object == ["properties": [:]])
        #expect(PeerMetadata(["properties": ["worker_name": "w"]]).workerName?.text == "w")
    }

    @Test(arguments: [
        (#"{}"#, true), (#"{"role":"worker"}"#, true), (#"{"role":"client"}"#, false), (#"{"tags":["x","a"]}"#, true),
        (#"{"tags":["x"]}"#, false), (#"{"properties":{"gpu":8}}"#, true), (#"{"properties":{"gpu":"8"}}"#, false),
        (#"{"properties":{"gpu":{"$gte":8,"$lte":8.0}}}"#, true), (#"{"properties":{"gpu":{"$gte":"1"}}}"#, false),
        (#"{"properties":{"gpu":{"$eq":9}}}"#, false), (#"{"properties":{"gpu":{"$ne":9}}}"#, false),
        (#"{"properties":{"os":{"$gte":"l"}}}"#, true), (#"{"properties":{"os":{"$lte":5}}}"#, false),
        (#"{"properties":{"missing":{"$gte":0}}}"#, false), (#"{"role":5}"#, false), (#"{"tags":7}"#, false),
        (#"{"properties":[]}"#, false), (#"{"role":null,"tags":null,"else":1}"#, true),
    ])
    func filtersMatchOnlyTheSameType(_ json: String, _ expected: Bool) throws {
        let filter = PeerFilter(try #require(try JSONValue.parse(json, maxDepth: 8).objectValue))
        let metadata = PeerMetadata(["tags": ["a"], "properties": ["gpu": 8, "os": "linux"]])
        #expect(filter.matches(role: .worker, metadata) == expected)
    }
}
