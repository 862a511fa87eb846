import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct CatchingUpTests {
    @Test func aCommitWhoseAnswerWasLostIsToldWithoutAnotherWrite() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter)
        _ = try await client.ask(["type": "registry_subscribe"])
        service.manifests.fail(.answerLost)
        #expect(try await client.publish("aaaaaaaa")["code"] == "UNAVAILABLE")
        try await eventually("the change") { client.channel.frames(of: "registry_event").count == 1 }
        #expect(try await client.query("list_models")["count"] == 1)
    }

    @Test func theFirstAnswerIsTheOneThatIsKept() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let worker = try await service.worker(starter)
        let client = try await service.client(starter)
        _ = try await worker.publish("aaaaaaaa")
        service.manifests.holdAppends()
        let update: JSONObject = [
            "type": "registry_update", "model_id": "aaaaaaaa", "set": ["notes": "n"], "idempotency_key": "k",
        ]
        await client.say(update.id("1"))
        try await eventually("a held commit") { service.manifests.held == 1 }
        // Who is online changes while the answer is on its way to the disk.
        await worker.leave()
        service.manifests.release()
        let first = try await client.channel.reply(to: "1")
        let again = try await client.ask(update)
        let isSame = first.without("request_id") == again.without("request_id")
        #expect(isSame)
    }

    @Test func aRoomReadBeforeItsServerListensHearsWhatItMissed() async throws {
        let one = try await Service()
        let two = try await Service(sharing: one, server: "two")
        let starter = try await one.starter()
        let early = try await one.client(starter, "early")
        let writer = try await two.client(starter, "writer")
        _ = try await writer.publish("aaaaaaaa")
        #expect(try await early.query("list_models")["count"] == 0)
        let running = Task { await one.directory.run() }
        defer { running.cancel() }
        try await eventually("the change") { try await early.query("list_models")["count"] == 1 }
    }

    @Test func aWorkerThatStaysIsSeenNowAndThen() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let worker = try await service.worker(starter)
        let client = try await service.client(starter)
        _ = try await worker.publish("aaaaaaaa")
        service.clock.advance(seconds: 3600)
        var rounds = RoomDirectory.Rounds()
        await service.directory.turn(&rounds)
        let info = try await client.query("get_model_info", ["model_id": "aaaaaaaa"])
        let copy = info[path: "model", "copies"]?.arrayValue?.first?.objectValue
        #expect(copy?["online"] == true && copy?["last_seen"]?.stringValue == service.clock.now.description)
    }
}
