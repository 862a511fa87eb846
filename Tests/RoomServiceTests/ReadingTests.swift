import JSONWire
import RoomCore
import Testing
import WireMessages

@testable import RoomService

@Suite struct ReadingTests {
    private func room(
        _ configure: (inout ServiceSettings) -> Void = { _ in }
    ) async throws -> (service: Service, client: Peer) {
        let service = try await Service(configure)
        let client = try await service.client(try await service.starter())
        _ = try await client.publish("aaaaaaaa", ["alias": "best"])
        service.clock.advance(seconds: 60)
        var second = JSONObject.model("bbbbbbbb")
        second["metrics"] = ["val_loss": 0.25]
        _ = try await client.ask([
            "type": "registry_publish", "model": .object(second), "alias": "best", "force_alias": true,
        ])
        return (service, client)
    }

    @Test func modelsAreListedNewestFirstAndPageByPage() async throws {
        let (_, client) = try await room()
        let first = try await client.query("list_models", ["limit": 1])
        #expect(first["count"] == 2)
        #expect(first["models"]?.arrayValue?.first?.objectValue?["id"] == "bbbbbbbb")
        let cursor = try #require(first["next_cursor"])
        let second = try await client.query("list_models", ["limit": 1, "cursor": cursor])
        #expect(second["models"]?.arrayValue?.first?.objectValue?["id"] == "aaaaaaaa")
        #expect(second["next_cursor"] == .some(nil))
        let found = try await client.query("list_models", ["filters": ["metrics": ["val_loss": ["$lt": 0.3]]]])
        #expect(found["count"] == 1)
    }

    @Test func aModelIsFoundByIdAndByAlias() async throws {
        let (_, client) = try await room()
        for name: JSONValue in ["best", "bbbbbbbb"] {
            #expect(try await client.query("get_model_info", ["model_id": name])[path: "model", "id"] == "bbbbbbbb")
        }
        let missing = try await client.query("get_model_info", ["model_id": "cccccccc"])
        #expect(missing["code"] == "MODEL_NOT_FOUND" && missing["model_id"] == "cccccccc")
        let exists = try await client.query("check_model_exists", ["model_id": "best"])
        #expect(exists["exists"] == true && exists["model_id"] == "bbbbbbbb" && exists["stored"] == false)
        #expect(try await client.query("check_model_exists", ["model_id": "none-such"])["exists"] == false)
    }

    @Test func modelsAreCompared() async throws {
        let (_, client) = try await room()
        let reply = try await client.query("compare_models", ["model_ids": ["aaaaaaaa", "best"]])
        #expect(reply["models"]?.arrayValue?.count == 2)
        #expect(reply[path: "differences", "metrics.val_loss"] == [0.5, 0.25])
        #expect(reply[path: "best", "val_loss"] == "bbbbbbbb")
        #expect(try await client.query("compare_models", ["model_ids": ["best"]])["code"] == "INVALID_MESSAGE")
        let missing = try await client.query("compare_models", ["model_ids": ["best", "cccccccc"]])
        #expect(missing["code"] == "MODEL_NOT_FOUND")
    }

    @Test func theHistoryTellsWhatChangedInARoomAModelOrAnAlias() async throws {
        let (_, client) = try await room()
        func revisions(_ fields: JSONObject) async throws -> [Int?] {
            try await client.query("history", fields)["changes"]?.arrayValue?
                .map { $0.objectValue?["revision"]?.intValue } ?? []
        }
        #expect(try await revisions([:]) == [1, 2])
        #expect(try await revisions(["after_revision": 1]) == [2])
        #expect(try await revisions(["limit": 1]) == [1])
        #expect(try await revisions(["model_id": "aaaaaaaa"]) == [1, 2])
        #expect(try await revisions(["model_id": "bbbbbbbb"]) == [2])
        #expect(try await revisions(["alias": "best"]) == [1, 2])
        let change = try #require(
            try await client.query("history", ["limit": 1])["changes"]?.arrayValue?.first?.objectValue)
        #expect(change["kind"] == "published" && change["before"] == .some(nil) && change["alias"] == "best")
        #expect(change[path: "after", "id"] == "aaaaaaaa")
        #expect(try await client.query("history", ["model_id": "cccccccc"])["code"] == "MODEL_NOT_FOUND")
    }

    @Test func theRoomIsShownAsItWas() async throws {
        let (service, client) = try await room()
        let then = JSONValue.string(service.clock.now.advanced(bySeconds: -30).description)
        for point: JSONObject in [["at_revision": 1], ["at_time": then]] {
            let model = try await client.query("get_model_info", point.with(["model_id": "best"]))
            #expect(model[path: "model", "id"] == "aaaaaaaa")
            #expect(model["revision"] == 1)
            let past = try await client.query("manifest", point)
            #expect(past[path: "manifest", "aliases"] == ["best": "aaaaaaaa"])
            #expect(past[path: "manifest", "models"]?.objectValue?.keys == ["aaaaaaaa"])
        }
        let now = try await client.query("manifest")
        #expect(now[path: "manifest", "aliases"] == ["best": "bbbbbbbb"])
        #expect(now[path: "manifest", "version"] == "1.0")
        #expect(try await client.query("manifest", ["at_revision": 9])["code"] == "INVALID_MESSAGE")
        #expect(try await client.query("manifest", ["at_revision": 0])[path: "manifest", "models"] == [:])
    }

    @Test func aManifestThatDoesNotFitOneMessageIsRefusedAndItsListIsNot() async throws {
        let (_, client) = try await room { $0.limits.pageModels = 1 }
        #expect(try await client.query("manifest")["code"] == "TOO_LARGE")
        #expect(try await client.query("manifest", ["at_revision": 1])["type"] == "registry_response")
        #expect(try await client.query("list_models")["models"]?.arrayValue?.count == 1)
    }

    @Test func aRequestWithoutAValidRequestIdIsRefused() async throws {
        let (_, client) = try await room()
        await client.say(Peer.query("list_models"))
        #expect(client.channel.frames.last?["code"] == "INVALID_MESSAGE")
        await client.say(Peer.query("list_models").id(String(repeating: "r", count: 65)))
        #expect(client.channel.frames.last?["code"] == "INVALID_MESSAGE")
        #expect(client.channel.frames.last?["request_id"] == nil)
    }

    @Test func aSocketThatDidNotOptInIsAnsweredAndToldNothingElse() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let plain = try await service.client(starter, "plain", with: ["capabilities": []])
        let other = try await service.client(starter, "other")
        _ = try await other.publish("aaaaaaaa")
        #expect(try await plain.query("list_models")["count"] == 1)
        #expect(plain.channel.types == ["registered_auth", "registry_response"])
    }
}
