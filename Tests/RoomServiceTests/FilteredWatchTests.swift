import JSONWire
import Testing
import WireMessages

@testable import RoomService

@Suite struct FilteredWatchTests {
    @Test func aWatcherOfTheModelThatLosesItsAliasIsTold() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let writer = try await service.client(starter, "writer")
        let watcher = try await service.client(starter, "watcher")
        let old: JSONObject = ["id": "aaaaaaaa", "name": "old"]
        _ = try await writer.ask(["type": "registry_publish", "model": .object(old), "alias": "prod"])
        _ = try await writer.ask(["type": "registry_publish", "model": ["id": "bbbbbbbb", "name": "new"]])
        _ = try await watcher.ask(["type": "registry_subscribe", "filters": ["name": "old"]])
        _ = try await writer.ask(["type": "registry_alias", "alias": "prod", "model_id": "bbbbbbbb", "force": true])
        _ = try await watcher.query("list_models")
        let events = watcher.channel.frames(of: "registry_event")
        #expect(events.map { $0["revision"] } == [3] && events.first?["model_id"] == "bbbbbbbb")
    }
}
