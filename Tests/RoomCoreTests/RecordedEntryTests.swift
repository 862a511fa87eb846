import JSONWire
import Testing

@testable import RoomCore

/// Entries are read from the record as they were written, and their bytes are kept.
@Suite struct RecordedEntryTests {
    /// Models of every shape: bare, full, with files and copies, with aliases, withdrawn.
    private func entries() throws -> [ModelEntry] {
        var room = Room()
        try room.publish("aaaaaaaa")
        try room.publish("bbbbbbbb", digest: "b") {
            $0.fields.name = .set("a \"quoted\" näme, \"copies\":[")
            $0.fields.type = .set(.centroid)
            $0.fields.tags = ["one", "two"]
            $0.fields.notes = .set("line\nline \u{1F42D}")
            $0.fields.trainedAt = .set(Timestamp(microseconds: 1_700_000_000_123_456))
            $0.fields.trainedBy = .set("ada")
            $0.fields.training = .set(["copies": [1, 2], "deep": ["copies": [["x": 1.5]]]])
            $0.fields.metrics = .set(["loss": 0.25, "epochs": 12])
            $0.fields.wandb = .set(["run": "r"])
            $0.fields.s3 = .set("s3://bucket/key")
            $0.alias = Alias(trusted: "prod")
        }
        try room.alias("best", "bbbbbbbb")
        try room.copy("bbbbbbbb")
        try room.publish("cccccccc")
        try room.withdraw("cccccccc")
        return room.manifest.byPublication.compactMap { room.manifest.models[$0] }
    }

    /// The whole entry in one go, which is what its joined bytes must be.
    private static func written(_ model: Model) -> [UInt8] {
        var writer = JSONWriter()
        model.write(to: &writer)
        writer.key("copies")
        model.writeCopies(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func read(_ bytes: [UInt8]) throws -> ModelEntry {
        try bytes.withUnsafeBytes { try ModelEntry(recorded: $0) }
    }

    @Test func anEntryReadsBackAsItWasWritten() throws {
        for entry in try entries() {
            let bytes = entry.recorded()
            #expect(bytes == Self.written(entry.model))
            let members = bytes.withUnsafeBytes { RecordedMembers($0) != nil }
            #expect(members, "the layout that is written is the one that is read by place")
            let back = try read(bytes)
            #expect(back.model == entry.model)
            #expect(back.encodedOpen == entry.encodedOpen)
            #expect(back.recorded() == bytes)
        }
    }

    @Test func anEntryOfAnotherLayoutIsEncodedAnew() throws {
        let entry = try #require(try entries().dropFirst().first)
        let object = try #require(try JSONValue.parse(entry.recorded(), maxDepth: 80).objectValue)
        var reversed = JSONObject()
        for (key, value) in Array(object).reversed() { reversed[key] = value }
        var longer = object
        longer["of_a_newer_version"] = "kept out"
        var contradicting = object
        contradicting["alias"] = "other"
        for other in [reversed, longer, contradicting] {
            let back = try read(JSONValue.object(other).encoded())
            #expect(back.model == entry.model)
            #expect(back.encodedOpen == entry.encodedOpen)
        }
    }

    @Test(
        arguments: [
            (#""tags":["one","two"]"#, #""tags":["one","two","one"]"#),
            (#""aliases":["#, #""aliases":["prod","#),
            (#""version":1"#, #""version":1.0"#), (#""version":1"#, #""version":1e0"#),
            (#""trained_at":"2023-11-14T22:13:20.123456Z""#, #""trained_at":"2023-11-14T23:13:20.123456+01:00""#),
            (#""hyperparameters":{}"#, #""hyperparameters":null"#),
        ])
    func whatMeansTheSameAndWouldBeWrittenOtherwiseIsEncodedAnew(_ usual: String, _ unusual: String) throws {
        let entry = try #require(try entries().dropFirst().first)
        let text = String(decoding: entry.recorded(), as: UTF8.self)
        let parts = text.split(separator: usual, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        let back = try read(Array("\(parts[0])\(unusual)\(parts[1])".utf8))
        #expect(back.model == entry.model)
        #expect(back.encodedOpen == entry.encodedOpen)
    }

    @Test(arguments: ["training", "metrics", "hyperparameters", "wandb", "storage"])
    func anEmptyListIsNoObject(_ key: String) throws {
        let entry = try #require(try entries().dropFirst().first)
        var object = try #require(try JSONValue.parse(entry.recorded(), maxDepth: 80).objectValue)
        object[key] = []
        let bytes = JSONValue.object(object).encoded()
        let fault = #expect(throws: RecordFault.self) { try read(bytes) }
        #expect(fault?.description.contains(key) == true)
    }

    @Test(
        arguments: [
            ("id", "no id"), ("status", "odd"), ("version", 0), ("published_at", "yesterday"), ("protected", "yes"),
            ("metrics", ["loss": "low"]), ("tags", ["no spaces"]), ("notes", 7), ("copies", [1]), ("revision", -1),
            ("storage", ["state": "lost"]), ("files", [["path": "/x", "size": 1, "sha256": "0"]]), ("digest", "0"),
        ] as [(String, JSONValue)])
    func aDamagedMemberIsNamed(_ key: String, _ value: JSONValue) throws {
        let entry = try #require(try entries().dropFirst().first)
        var object = try #require(try JSONValue.parse(entry.recorded(), maxDepth: 80).objectValue)
        object[key] = value
        let bytes = JSONValue.object(object).encoded()
        let fault = #expect(throws: RecordFault.self) { try read(bytes) }
        #expect(fault?.description.contains(key) == true)
    }

    @Test func whatIsCutOffIsAFault() throws {
        let bytes = try #require(try entries().first).recorded()
        for count in [0, 1, 2, bytes.count / 2, bytes.count - 1] {
            #expect(throws: RecordFault.self) { try read(Array(bytes.prefix(count))) }
        }
    }

    @Test func aChangeReadsBackWithItsEntries() throws {
        let entries = try entries()
        let change = Change(
            revision: Revision(9), at: Timestamp(microseconds: 5), actor: UserID(trusted: "1"), kind: .aliased,
            alias: Alias(trusted: "prod"), reason: "why", before: entries[0], after: entries[0], other: entries[1])
        let back = try Change(recorded: change.recorded())
        #expect(back.recorded() == change.recorded())
        #expect(back.before?.model == entries[0].model && back.other?.model == entries[1].model)
        let without = Array(#"{"revision":1,"at":"2026-01-01T00:00:00Z","actor":"1","kind":"published"}"#.utf8)
        #expect(throws: RecordFault("after: is required")) { try Change(recorded: without) }
    }
}
