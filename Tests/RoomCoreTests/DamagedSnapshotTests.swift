import JSONWire
import RoomCore
import Testing

/// A snapshot that was damaged is reported, and never taken for a smaller room.
@Suite struct DamagedSnapshotTests {
    private func snapshot(_ damage: (inout JSONObject) throws -> Void) throws -> [UInt8] {
        var room = Room()
        try room.publish("aaaaaaaa") {
            $0.fields.name = .set("m")
            $0.alias = Alias(trusted: "prod")
        }
        try room.publish("bbbbbbbb")
        var object = try #require(try JSONValue.parse(room.manifest.recorded(), maxDepth: 80).objectValue)
        try damage(&object)
        return JSONValue.object(object).encoded()
    }

    @Test func anUndamagedOneIsRead() throws {
        #expect(try Manifest(recorded: snapshot { _ in }).liveCount == 2)
    }

    @Test(arguments: ["models", "newest_versions", "revision", "epoch", "room_id"])
    func aMissingPartIsAFault(_ part: String) throws {
        let bytes = try snapshot { $0[part] = nil }
        #expect(throws: RecordFault.self) { try Manifest(recorded: bytes) }
    }

    @Test func aModelOrAnAliasGivenTwiceIsAFault() throws {
        let twice = try snapshot { object in
            let models = try #require(object["models"]?.arrayValue)
            object["models"] = .array(models + [models[0]])
        }
        #expect(throws: RecordFault.self) { try Manifest(recorded: twice) }
        let shared = try snapshot { object in
            var models = try #require(object["models"]?.arrayValue)
            var second = try #require(models[1].objectValue)
            second["aliases"] = ["prod"]
            models[1] = .object(second)
            object["models"] = .array(models)
        }
        #expect(throws: RecordFault.self) { try Manifest(recorded: shared) }
    }

    @Test(arguments: [0, -1, "x"] as [JSONValue]) func aVersionThatIsNoneIsAFault(_ version: JSONValue) throws {
        let bytes = try snapshot { $0["newest_versions"] = ["m": version] }
        #expect(throws: RecordFault.self) { try Manifest(recorded: bytes) }
    }
}
