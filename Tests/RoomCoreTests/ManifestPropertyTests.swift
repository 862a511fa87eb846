import JSONWire
import RoomCore
import Testing

/// SplitMix64: the same seed gives the same requests on every machine.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

extension Seeded {
    private static let ids = (0..<12).map { "aaaaaa" + ($0 < 10 ? "0\($0)" : "\($0)") }
    private static let aliases = ["best", "next", "v1", "v2", "z.9"]

    mutating func actor() -> Actor {
        pick([Room.owner, Room.member, Room.worker, Room.worker(named: "gpu-2"), Room.viewer])
    }

    private mutating func name() -> String { chance(70) ? pick(Self.ids) : pick(Self.aliases + ["aaaaaa01-2"]) }

    mutating func request() -> WriteRequest {
        switch below(10) {
        case 0..<4: return publication()
        case 4:
            var update = ModelUpdate(model: name())
            if chance(40) { update.fields.name = pick([.cleared, .set("mouse"), .set("rat")]) }
            if chance(10) { update.fields.isProtected = chance(30) }
            update.fields.notes = .set("n\(below(3))")
            update.addTags = [pick(["x", "y", "z"])]
            return .update(update)
        case 5, 6:
            var move = AliasMove(alias: Alias(trusted: pick(Self.aliases)), model: chance(20) ? nil : name())
            move.force = chance(50)
            if chance(20) { move.expected = pick([.cleared, .set(ModelID(trusted: pick(Self.ids)))]) }
            return .alias(move)
        case 7: return .withdraw(model: name(), reason: chance(50) ? "r" : nil)
        case 8: return .restore(model: name(), reason: nil)
        default:
            var report = CopyReport(model: name(), available: chance(70))
            report.path = chance(50) ? "/data/\(below(3))" : nil
            return .copy(report)
        }
    }

    private mutating func publication() -> WriteRequest {
        var publication = Publication(id: ModelID(trusted: pick(Self.ids)))
        publication.digest = chance(80) ? .of(pick(["a", "b", "c"])) : nil
        publication.onConflict = pick([.error, .suffix, .replace])
        publication.fields.name = pick([.absent, .set("mouse"), .set("rat"), .set("é")])
        publication.fields.metrics = chance(30) ? .set(["loss": .number(Double(below(100)) / 7)]) : .absent
        publication.alias = chance(30) ? Alias(trusted: pick(Self.aliases)) : nil
        publication.forceAlias = chance(50)
        return .publish(publication)
    }
}

extension Manifest {
    /// Whether two manifests hold the same in every respect.
    func isSame(as other: Manifest) -> Bool {
        room == other.room && epoch == other.epoch && revision == other.revision && updatedAt == other.updatedAt
            && models.mapValues(\.model) == other.models.mapValues(\.model) && aliases == other.aliases
            && newestVersions == other.newestVersions && byPublication == other.byPublication
            && liveCount == other.liveCount
    }
}

@Suite struct ManifestPropertyTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func anyHistoryKeepsTheManifestWhole(_ seed: UInt64) throws {
        var random = Seeded(state: seed)
        var room = Room()
        room.limits.models = 30
        var record: [[UInt8]] = []
        var versions: [String: ModelID] = [:]
        let empty = room.manifest
        for step in 0..<1500 {
            let before = room.manifest.revision
            guard let decision = try? room.decide(random.request(), by: random.actor()) else {
                #expect(room.manifest.revision == before)
                continue
            }
            #expect(room.manifest.revision == (decision.change == nil ? before : before.successor))
            #expect(decision.revision == room.manifest.revision)
            guard let change = decision.change else { continue }
            record.append(change.recorded())
            checkVersion(of: decision.entry.model, change.before?.model, &versions)
            if step.isMultiple(of: 5) { checkIndexes(room.manifest) }
        }
        checkIndexes(room.manifest)
        #expect(record.count > 200)
        var folded = empty
        for row in record { folded.apply(try Change(recorded: row)) }
        #expect(folded.isSame(as: room.manifest))
        #expect(try Manifest(recorded: room.manifest.recorded()).isSame(as: room.manifest))
    }

    private func checkVersion(of model: Model, _ old: Model?, _ versions: inout [String: ModelID]) {
        guard let name = model.name, let version = model.version, name != old?.name || version != old?.version
        else { return }
        #expect(versions.updateValue(model.id, forKey: "\(name) \(version)") == nil, "\(name) \(version) given twice")
    }

    private func checkIndexes(_ manifest: Manifest) {
        let models = manifest.models.values.map(\.model)
        let held = models.flatMap { model in model.aliases.map { ($0, model.id) } }
        #expect(held.count == manifest.aliases.count)
        #expect(held.allSatisfy { manifest.aliases[$0.0] == $0.1 })
        #expect(models.allSatisfy { !$0.isWithdrawn || $0.aliases.isEmpty })
        #expect(manifest.liveCount == models.count { !$0.isWithdrawn })
        let sorted = models.sorted { ($0.publishedAt, $0.id) < ($1.publishedAt, $1.id) }
        #expect(manifest.byPublication == sorted.map(\.id))
    }

    @Test func manyChangesDraftedTogetherAreAsOneByOne() {
        var random = Seeded(state: 9)
        var single = Room()
        for _ in 0..<40 {
            var draft = Draft(single.manifest)
            var together = single.manifest
            for _ in 0..<25 {
                let request = random.request()
                let actor = random.actor()
                let alone = try? single.decide(request, by: actor)
                let count = draft.changes.count
                let drafted = try? draft.decide(request, by: actor, at: single.now)
                #expect(drafted?.revision == alone?.revision && drafted?.created == alone?.created)
                #expect(drafted?.entry.model == alone?.entry.model && drafted?.previousHolder == alone?.previousHolder)
                #expect(draft.changes.count == count + (drafted?.change == nil ? 0 : 1))
            }
            for change in draft.changes { together.apply(change) }
            #expect(together.isSame(as: single.manifest))
        }
    }
}

@Suite struct DraftTests {
    @Test func refusalsLeaveTheDraftAsItWas() throws {
        let now = Timestamp(seconds: 2_000)
        var draft = Draft(Room().manifest)
        _ = try draft.decide(.publish(.of("aaaaaaaa") { $0.alias = Alias(trusted: "best") }), by: Room.owner, at: now)
        for _ in 0..<3 {
            #expect(throws: Refusal.self) {
                try draft.decide(
                    .publish(.of("bbbbbbbb") { $0.alias = Alias(trusted: "best") }), by: Room.owner, at: now)
            }
        }
        #expect(draft.changes.count == 1 && draft.revision == Revision(1))
        #expect(throws: Refusal.modelNotFound("bbbbbbbb")) {
            try draft.decide(.update(ModelUpdate(model: "bbbbbbbb")), by: Room.owner, at: now)
        }
    }

    @Test func timeNeverRunsBack() throws {
        var draft = Draft(Room().manifest)
        _ = try draft.decide(.publish(.of("aaaaaaaa")), by: Room.owner, at: Timestamp(seconds: 5_000))
        let late = try draft.decide(.publish(.of("bbbbbbbb")), by: Room.owner, at: Timestamp(seconds: 10))
        #expect(late.change?.at == Timestamp(seconds: 5_000))
    }
}

@Suite struct RecordTests {
    @Test(arguments: ["", "{", "[]", "{}", "null", #"{"revision":-1}"#, #"{"revision":1,"at":"x"}"#])
    func damagedBytesAreFaults(_ text: String) {
        #expect(throws: RecordFault.self) { try Change(recorded: Array(text.utf8)) }
        #expect(throws: RecordFault.self) { try Manifest(recorded: Array(text.utf8)) }
    }

    @Test func cutRowsAreFaults() throws {
        var room = Room()
        let row = try #require(try room.publish("aaaaaaaa", digest: "a").change).recorded()
        for count in stride(from: 0, to: row.count, by: 7) {
            #expect(throws: RecordFault.self) { try Change(recorded: Array(row.prefix(count))) }
        }
        #expect(try Change(recorded: row).after.model == room.model("aaaaaaaa"))
    }

    @Test func everyPartOfAChangeReadsBack() throws {
        var room = Room()
        try room.publish("aaaaaaaa") { $0.alias = Alias(trusted: "best") }
        try room.publish("bbbbbbbb")
        let change = try #require(
            try room.alias("best", "bbbbbbbb") {
                $0.force = true
                $0.reason = "b\u{301} \"better\"\n"
            }.change)
        let read = try Change(recorded: change.recorded())
        #expect(read.revision == change.revision && read.at == change.at && read.actor == change.actor)
        #expect(read.kind == .aliased && read.alias == change.alias && read.reason == change.reason)
        #expect(read.before?.model == change.before?.model && read.after.model == change.after.model)
        #expect(read.other?.model == change.other?.model && read.other != nil)
    }
}
