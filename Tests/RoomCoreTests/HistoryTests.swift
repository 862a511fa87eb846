import JSONWire
import RoomCore
import Testing

/// Whatever is asked of a room, its manifest stays consistent and its record reads back.
@Suite struct HistoryTests {
    @Test func randomHistoriesKeepTheManifestConsistent() throws {
        for seed in 1...20 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var room = RoomUnderTest()
            room.limits = ManifestLimits(models: 30)
            for _ in 0..<200 {
                let before = room.manifest.revision
                let actor = [Actor.owner, .member, .gpu1, .gpu2, .viewer].randomElement(using: &generator) ?? .owner
                let decision = try? room.decide(Self.request(&generator), by: actor)
                let moved = room.manifest.revision.number - before.number
                #expect(moved == (decision?.change == nil ? 0 : 1))
            }
            Self.check(room.manifest)
            try Self.checkRecord(room)
        }
    }

    private static func request(_ generator: inout SeededGenerator) -> WriteRequest {
        func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &generator)] }
        let id = ModelID(trusted: String(format8: Int.random(in: 0..<12, using: &generator)))
        let alias = Alias(trusted: pick(["prod", "best", "x1"]))
        switch Int.random(in: 0..<8, using: &generator) {
        case 0...2:
            var publication = Publication(id: id)
            publication.digest = Digest(trusted: String(repeating: pick(["a", "b", "c"]), count: 64))
            publication.alias = pick([nil, alias])
            publication.forceAlias = pick([true, false])
            publication.onConflict = pick([.error, .suffix, .replace])
            publication.fields.name = pick([.absent, .set("m"), .set("n")])
            return .publish(publication)
        case 3:
            var update = ModelUpdate(model: pick([id.text, alias.text]))
            update.fields.name = pick([.absent, .cleared, .set("m")])
            update.addTags = pick([[], ["t"]])
            update.fields.isProtected = pick([nil, nil, true, false])
            return .update(update)
        case 4:
            var move = AliasMove(alias: alias, model: pick([id.text, nil]))
            move.force = pick([true, false])
            return .alias(move)
        case 5: return .withdraw(model: id.text, reason: nil)
        case 6: return .restore(model: id.text, reason: nil)
        default: return .copy(CopyReport(model: id.text, available: pick([true, false])))
        }
    }

    private static func check(_ manifest: Manifest) {
        let models = manifest.models.values.map(\.model)
        var index: [Alias: ModelID] = [:]
        for model in models {
            for alias in model.aliases {
                #expect(index.updateValue(model.id, forKey: alias) == nil, "alias \(alias) is held twice")
                #expect(!model.isWithdrawn)
            }
        }
        #expect(index == manifest.aliases)
        #expect(manifest.liveCount == models.count { !$0.isWithdrawn })
        #expect(Set(manifest.byPublication) == Set(models.map(\.id)))
        #expect(manifest.byPublication.count == models.count)
        let moments = manifest.byPublication.compactMap { manifest.models[$0]?.model.publishedAt }
        #expect(moments == moments.sorted())
        let versions = models.compactMap { model in model.name.map { "\($0)@\(model.version ?? 0)" } }
        #expect(Set(versions).count == versions.count)
    }

    private static func checkRecord(_ room: RoomUnderTest) throws {
        var rebuilt = RoomUnderTest().manifest
        for change in room.changes { rebuilt.apply(try Change(recorded: change.recorded())) }
        let snapshot = try Manifest(recorded: room.manifest.recorded())
        for other in [rebuilt, snapshot] {
            #expect(other.revision == room.manifest.revision)
            #expect(other.aliases == room.manifest.aliases)
            #expect(other.newestVersions == room.manifest.newestVersions)
            #expect(other.byPublication == room.manifest.byPublication)
            #expect(other.models.mapValues(\.model) == room.manifest.models.mapValues(\.model))
        }
    }

    @Test func damagedRowsAreFaults() throws {
        var room = RoomUnderTest()
        try room.publish("aaaaaaaa", digest: "a", alias: "prod")
        let change = try #require(room.changes.first?.recorded())
        let snapshot = room.manifest.recorded()
        #expect(throws: RecordFault.self) { try Change(recorded: Array(change.dropLast())) }
        #expect(throws: RecordFault.self) { try Manifest(recorded: Array(snapshot.dropLast())) }
        #expect(throws: RecordFault.self) { try Change(recorded: Array("{}".utf8)) }
        #expect(throws: RecordFault.self) { try Manifest(recorded: []) }
    }

    @Test func entriesShowWhoIsOnlineWithoutANewRevision() throws {
        var room = RoomUnderTest()
        let entry = try room.publish("aaaaaaaa", by: .gpu1).entry
        var presence = WorkerPresence()
        func shown() throws -> JSONObject {
            try #require(try JSONValue.parse(entry.encoded(presence: presence), maxDepth: 16).objectValue)
        }
        #expect(try shown()["available_on_workers"] == [])
        presence.arrive(WorkerName(trusted: "gpu-1"), at: Timestamp(seconds: 2_000_000_000))
        #expect(try shown()["available_on_workers"] == ["gpu-1"])
        presence.leave(WorkerName(trusted: "gpu-1"), at: Timestamp(seconds: 2_000_000_060))
        let copy = try #require(try shown()["copies"]?.arrayValue?.first?.objectValue)
        #expect(copy["online"] == false)
        #expect(copy["last_seen"]?.stringValue == Timestamp(seconds: 2_000_000_060).description)
    }
}
