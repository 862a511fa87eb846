import JSONWire
import RoomCore
import Testing

@Suite struct QueryTests {
    private func room() throws -> Room {
        var room = Room()
        try room.publish("aaaaaaaa", by: Room.worker) {
            $0.fields.name = .set("mouse-centroid")
            $0.fields.type = .set(.centroid)
            $0.fields.tags = ["validated", "night"]
            $0.fields.metrics = .set(["val_loss": 0.02, "epochs": [10, 20], "val/map": 0.9])
            $0.fields.hyperparameters = .set(["optimizer": ["name": "adam", "lr": 0.001], "augment": true])
            $0.fields.training = .set(["started": "2025-11-11T13:00:00+01:00", "day": "2025-11-11"])
            $0.fields.wandb = .set(["project": "mice"])
            $0.fields.trainedAt = .set(Timestamp("2025-11-11T12:00:00Z") ?? Timestamp(seconds: 0))
            $0.alias = Alias(trusted: "production-v2")
        }
        try room.publish("bbbbbbbb", by: Room.member) {
            $0.fields.name = .set("mouse-topdown")
            $0.fields.type = .set(.topdown)
            $0.fields.tags = ["validated"]
            $0.fields.metrics = .set(["val_loss": 0.05])
            $0.fields.sizeBytes = .set(8_000_000)
            $0.fields.notes = .set("says \"hello\" * twice")
            $0.alias = Alias(trusted: "mouse-best")
        }
        try room.publish("cccccccc") { $0.fields.status = .training }
        try room.publish("dddddddd") { $0.fields.tags = ["validated"] }
        try room.withdraw("dddddddd")
        return room
    }

    @Test(arguments: [
        (#"type = "centroid""#, "a"), (#"model_type != 'centroid'"#, "bc"), (#"status = "training""#, "c"),
        (#"type = "centroid" AND metrics.val_loss < 0.03 AND tags HAS "validated" OR alias ~ "mouse*""#, "ab"),
        (#"alias ~ "mouse*" AND (type = "centroid" OR metrics.val_loss < 0.03)"#, ""),
        (#"NOT tags HAS "validated""#, "c"), (#"tags = "night""#, "a"), (#"tags != "night""#, "bc"),
        (#"name IN ("mouse-topdown", "x")"#, "b"), (#"name NOT IN ("mouse-topdown")"#, "ac"),
        ("name IS NULL", "c"), ("name is not null", "ab"), ("metrics.val_loss exists", "ab"),
        ("metrics EXISTS", "ab"), ("wandb IS NULL", "bc"), ("aliases IS NULL", "c"),
        (#"name ~ "*-*down""#, "b"), (#"name ~ "mouse-???????n""#, ""), (#"name ~ "mouse-??????n""#, "b"),
        (#"notes ~ "*\\**""#, "b"), (#"notes ~ "*hello*twice""#, "b"), (#"notes = 'says "hello" * twice'"#, "b"),
        ("metrics.epochs > 15 AND metrics.epochs < 15", "a"),
        ("metrics.val_loss > 0.04 AND metrics.val_loss < 0.03", ""),
        ("metrics.val_loss > 0.01 AND metrics.val_loss <= 0.02", "a"), (#"metrics.epochs = 20"#, "a"),
        (#"metrics.epochs > 20"#, ""), (#"metrics.epochs >= 2e1"#, "a"),
        (#"metrics."val/map" > .5"#, "!"), (#"metrics."val/map" > 0.5"#, "a"), (#"metrics.val/map > 0.5"#, "a"),
        (#"hyperparameters.optimizer.name = "adam""#, "a"), (#"hyperparameters.optimizer.lr <= 0.001"#, "a"),
        ("hyperparameters.augment = true", "a"), ("hyperparameters.augment != true", "bc"),
        (#"hyperparameters.optimizer = "adam""#, ""), ("hyperparameters.optimizer EXISTS", "a"),
        (#"trained_at = "2025-11-11T13:00:00+01:00""#, "a"), (#"trained_at >= "2025-11-11""#, "a"),
        (#"trained_at < "2025-11-11T12:00:00Z""#, ""), (#"training.started = "2025-11-11T12:00:00Z""#, "a"),
        (#"training.started > "2025-11-11T12:30:00+00:00""#, ""), (#"training.day < "2025-11-12""#, "a"),
        (#"wandb.project ~ "m*""#, "a"), (#"worker = "gpu-1""#, "a"), (#"copies.worker HAS "gpu-2""#, ""),
        ("available = true", "a"), ("available = false", "bc"), (#"available_on_workers HAS "gpu-1""#, "a"),
        ("copies.online = true", "a"), (#"storage.state = "none""#, "abc"), ("stored = true", ""),
        ("protected = false", "abc"), ("size_bytes > 7999999.5", "b"), ("version = 1", "ab"), ("revision > 2", "c"),
        (#"trained_by = "ben""#, "b"), ("deleted_at IS NOT NULL", "d"), (#"tags HAS "validated""#, "ab"),
        (#"deleted_at EXISTS OR name EXISTS"#, "abd"), (#"id > "aaaaaaaa" AND id <= "bbbbbbbb""#, "b"),
        ("NOT NOT name EXISTS", "ab"), (#"not (name exists and not type = "topdown")"#, "bc"),
    ])
    func queriesFindWhatTheyAskFor(_ text: String, _ expected: String) throws {
        var query = ListQuery()
        query.order = ModelOrder(key: .publishedAt, descending: false)
        do {
            query.filter.query = try SearchQuery(text)
        } catch {
            #expect(expected == "!", "\(error)")
            return
        }
        var presence = WorkerPresence()
        presence.arrive(WorkerName(trusted: "gpu-1"), at: Timestamp(seconds: 0))
        let manifest = try room().manifest
        var index = SearchIndex()
        let page = manifest.list(query, presence: presence, maxBytes: .max, by: &index)
        #expect(page.entries.map { String($0.model.id.text.prefix(1)) }.joined() == expected)
        #expect(page.count == expected.count)
        let scanned = manifest.list(query, presence: presence, maxBytes: .max)
        #expect(scanned.entries.map(\.model.id) == page.entries.map(\.model.id))
    }

    @Test func andBindsTighterThanOrAndNotTightest() throws {
        func shape(_ text: String) throws -> [Bool] {
            let query = try SearchQuery(text)
            return try (0..<8).map { bits in
                var room = Room()
                try room.publish("aaaaaaaa") {
                    $0.fields.tags = ["a", "b", "c"].enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
                }
                return query.matches(try room.entry("aaaaaaaa"), presence: WorkerPresence())
            }
        }
        let a = #"tags HAS "a""#
        let b = #"tags HAS "b""#
        let c = #"tags HAS "c""#
        #expect(try shape("\(a) OR \(b) AND \(c)") == shape("\(a) OR (\(b) AND \(c))"))
        #expect(try shape("\(a) AND \(b) OR \(c)") == shape("(\(a) AND \(b)) OR \(c)"))
        #expect(try shape("NOT \(a) AND \(b)") == shape("(NOT \(a)) AND \(b)"))
        #expect(try shape("NOT \(a) AND \(b)") != shape("NOT (\(a) AND \(b))"))
        #expect(try shape("\(a) OR \(b) AND \(c)") != shape("(\(a) OR \(b)) AND \(c)"))
    }

    @Test func filtersAndAQueryHoldTogether() throws {
        var query = ListQuery()
        query.filter.query = try SearchQuery(#"tags HAS "validated""#)
        query.filter.type = .topdown
        let page = try room().manifest.list(query, presence: WorkerPresence(), maxBytes: .max)
        #expect(page.entries.map(\.model.id.text) == ["bbbbbbbb"])
        query.filter.type = nil
        query.filter.includeDeleted = true
        #expect(try room().manifest.list(query, presence: WorkerPresence(), maxBytes: .max).count == 3)
    }
}
