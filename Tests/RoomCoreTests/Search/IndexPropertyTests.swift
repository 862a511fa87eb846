import JSONWire
import RoomCore
import Testing

extension Seeded {
    fileprivate mutating func comparison() -> String {
        switch below(19) {
        case 0: #"tags HAS "\#(pick(["x", "y", "z", "none"]))""#
        case 1: #"name = "\#(pick(["mouse", "rat", "é", "e\u{301}", "cat"]))""#
        case 2: #"name \#(pick(["~", "~", "!=", "<", ">="])) "\#(pick(["m*", "*a*", "mouse", "?at", "rat"]))""#
        case 3: "metrics.loss \(pick(["<", "<=", ">", ">=", "=", "!="])) \(Double(below(100)) / 7)"
        case 4: #"alias \#(pick(["=", "!=", "~"])) "\#(pick(["best", "v1", "v*", "z.9"]))""#
        case 5: #"worker \#(pick(["=", "~", "HAS"])) "\#(pick(["gpu-1", "gpu-2", "gpu-3"]))""#
        case 6: "available = \(chance(70))"
        case 7: #"available_on_workers HAS "\#(pick(["gpu-1", "gpu-2"]))""#
        case 8: #"notes = "n\#(below(3))""#
        case 9: #"published_at \#(pick(["<", ">="])) "1970-01-01T00:\#(20 + below(30)):00Z""#
        case 10: chance(20) ? "version IN (1, 2)" : "version \(pick(["=", ">", "<="])) \(1 + below(4))"
        case 11: "\(pick(["name", "alias", "metrics.loss", "deleted_at", "parent_id"])) \(pick(["EXISTS", "IS NULL"]))"
        case 12: "revision \(pick([">", "<"])) \(below(200))"
        case 13: #"trained_by IN ("ada", "\#(pick(["ben", "gpu-1"]))")"#
        case 14: #"metrics.loss = "\#(pick(["text", "2025-01-01"]))""#
        case 15: #"status = "completed""#
        case 17: "metrics.loss >= \(below(8)) AND metrics.loss < \(below(15))"
        case 16: "protected = \(chance(30))"
        default: #"id ~ "aaaaaa0*""#
        }
    }

    fileprivate mutating func query(depth: Int = 0) -> String {
        guard depth < 3, chance(60) else { return comparison() }
        let parts = (0...1 + below(2)).map { _ in query(depth: depth + 1) }
        let joined = "(" + parts.joined(separator: pick([" AND ", " OR "])) + ")"
        return chance(25) ? "NOT \(joined)" : joined
    }

    fileprivate mutating func filter() throws -> ModelFilter {
        let metrics: JSONObject = chance(10) ? ["metrics": ["loss": ["$lt": .integer(below(14))]]] : [:]
        var filter = try ModelFilter(FieldReader(metrics))
        if chance(80) { filter.query = try SearchQuery(query()) }
        if chance(20) { filter.tags = [pick(["x", "y"])] }
        if chance(10) { filter.name = pick(["mouse", "rat"]) }
        if chance(10) { filter.worker = WorkerName(trusted: pick(["gpu-1", "gpu-2"])) }
        if chance(10) { filter.available = chance(50) }
        if chance(10) { filter.stored = chance(50) }
        if chance(10) { filter.alias = Alias(trusted: pick(["best", "v1"])) }
        if chance(10) { filter.includeDeleted = true }
        return filter
    }
}

@Suite struct IndexPropertyTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func anIndexAnswersWhatLookingAtEveryModelDoes(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        var room = Room()
        room.limits.models = 40
        var index = SearchIndex()
        var presence = WorkerPresence()
        var indexed = 0
        var hits = 0
        for step in 0..<1600 {
            let request = random.request()
            var draft = Draft(room.manifest, limits: room.limits)
            room.now = room.now.advanced(bySeconds: 1)
            _ = try? draft.decide(request, by: random.actor(), at: room.now)
            for change in draft.changes {
                room.manifest.apply(change)
                // An index that misses a change must find that out by itself.
                if !random.chance(1) { index.apply(change, in: room.manifest.epoch) }
            }
            let worker = WorkerName(trusted: random.pick(["gpu-1", "gpu-2"]))
            if random.chance(50) { presence.arrive(worker, at: room.now) } else { presence.leave(worker, at: room.now) }
            guard step.isMultiple(of: 2) else { continue }
            var query = ListQuery()
            query.filter = try random.filter()
            query.order = random.pick([.newestFirst, ModelOrder(key: .name, descending: false)])
            query.limit = 1 + random.below(50)
            let scanned = room.manifest.list(query, presence: presence, maxBytes: .max)
            let found = room.manifest.list(query, presence: presence, maxBytes: .max, by: &index)
            #expect(found.entries.map(\.model.id) == scanned.entries.map(\.model.id), "\(query.filter)")
            #expect(found.count == scanned.count && found.next == scanned.next)
            let matching = room.manifest.matching(query.filter, presence: presence, by: &index).map(\.model.id)
            #expect(matching.count == scanned.count && Set(matching).count == matching.count)
            if index.candidates(for: query.filter, in: room.manifest, presence: presence) != nil { indexed += 1 }
            hits += scanned.count
        }
        #expect(indexed > 150 && hits > 500)
    }

    @Test func aQueryOverMoreFieldsThanAreIndexedIsAnsweredAllTheSame() throws {
        var room = Room()
        for number in 0..<20 {
            try room.publish("aaaaaa" + (number < 10 ? "0\(number)" : "\(number)")) {
                var metrics: JSONObject = [:]
                for metric in 0..<60 { metrics["m\(metric)"] = .integer((number * 7 + metric) % 20) }
                $0.fields.metrics = .set(metrics)
            }
        }
        var index = SearchIndex()
        for comparison in ["= 3", "< 2"] {
            var query = ListQuery()
            let text = (0..<60).map { "metrics.m\($0) \(comparison)" }.joined(separator: " OR ")
            query.filter.query = try SearchQuery(text)
            let scanned = room.manifest.list(query, presence: WorkerPresence(), maxBytes: .max)
            let found = room.manifest.list(query, presence: WorkerPresence(), maxBytes: .max, by: &index)
            #expect(found.entries.map(\.model.id) == scanned.entries.map(\.model.id) && found.count == 20)
        }
        for metric in 0..<60 {
            var query = ListQuery()
            query.filter.query = try SearchQuery("metrics.m\(metric) = 3")
            #expect(room.manifest.list(query, presence: WorkerPresence(), maxBytes: .max, by: &index).count == 1)
        }
    }

    @Test func verdictsFollowTheResultOfEveryRevision() throws {
        var random = Seeded(state: 21)
        var room = Room()
        room.limits.models = 20
        let filters = try (0..<40).compactMap { _ -> ModelFilter? in
            var filter = ModelFilter()
            let query = try SearchQuery(random.query())
            guard (try? query.requireLive()) != nil else { return nil }
            filter.query = query
            return filter
        }
        #expect(filters.count > 10)
        var results = filters.map { _ in Set<ModelID>() }
        var seen: Set<SearchMatch> = []
        for _ in 0..<600 {
            let request = random.request()
            guard let change = try? room.decide(request, by: random.actor()).change else { continue }
            for (number, filter) in filters.enumerated() {
                let verdict = filter.verdict(on: change)
                for (match, id) in [(verdict.subject, change.modelID), (verdict.other, change.other?.model.id)] {
                    guard let match, let id else { continue }
                    seen.insert(match)
                    #expect(results[number].contains(id) == (match != .entered))
                    if match == .left { results[number].remove(id) } else { results[number].insert(id) }
                }
                let current = room.manifest.models.values.filter {
                    filter.matches($0, presence: WorkerPresence())
                }
                #expect(results[number] == Set(current.map(\.model.id)), "\(filter.query?.text ?? "")")
            }
        }
        #expect(seen == [.entered, .changed, .left])
    }
}

@Suite struct LargeSearchTests {
    /// 2,000 names of 5 versions with 5 tags each. Even unoptimized, what an index finds is far from looking at all.
    @Test func threeTagsAndAMetricRangeAreFoundAmongTenThousandModels() throws {
        let manifest = Self.manifest
        var index = SearchIndex()
        for text in [
            #"tags HAS "t1" AND tags HAS "u3" AND tags HAS "v5""#, "metrics.val_loss < 0.001",
            "metrics.val_loss >= 0.4 AND metrics.val_loss < 0.402",
        ] {
            var query = ListQuery()
            query.filter.query = try SearchQuery(text)
            let clock = ContinuousClock()
            var scanned: ModelPage?
            let scan = clock.measure { scanned = manifest.list(query, presence: WorkerPresence(), maxBytes: .max) }
            _ = manifest.list(query, presence: WorkerPresence(), maxBytes: .max, by: &index)
            var found: ModelPage?
            let search = clock.measure {
                found = manifest.list(query, presence: WorkerPresence(), maxBytes: .max, by: &index)
            }
            #expect(found?.entries.map(\.model.id) == scanned?.entries.map(\.model.id))
            #expect((found?.count ?? 0) > 0 && search * 4 < scan, "\(text): \(search) beside \(scan)")
        }
    }

    private static let manifest: Manifest = {
        var manifest = Manifest(
            room: RoomID(trusted: "lab"), epoch: Epoch(trusted: "e1"), updatedAt: Timestamp(seconds: 1_000))
        for number in 0..<10_000 {
            var publication = Publication(id: ModelID(trusted: hex(number)))
            publication.fields.name = .set("name-\(number / 5)")
            publication.fields.tags = [
                "t\(number % 20)", "u\(number / 20 % 20)", "v\(number / 400 % 20)", "w\(number % 7)", "x\(number % 3)",
            ]
            publication.fields.metrics = .set(["val_loss": .number(Double(number * 7919 % 10_000) / 10_000)])
            var draft = Draft(manifest)
            let decision = try? draft.decide(.publish(publication), by: Room.owner, at: Timestamp(seconds: 2_000))
            guard let change = decision?.change else { preconditionFailure("a plain publication is carried out") }
            draft = Draft(Manifest(room: manifest.room, epoch: manifest.epoch, updatedAt: manifest.updatedAt))
            manifest.apply(change)
        }
        return manifest
    }()

    private static func hex(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
