import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct IdempotencyTests {
    private func keyed(_ id: String, _ key: String = "k") -> JSONObject {
        Peer.publish(id, ["idempotency_key": .string(key)])
    }

    @Test func aRepeatIsGivenTheFirstAnswer() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter)
        let first = try await client.ask(keyed("aaaaaaaa"))
        _ = try await client.publish("bbbbbbbb")
        let second = try await client.ask(keyed("aaaaaaaa"))
        #expect(second.without("request_id") == first.without("request_id"))
        #expect(second["revision"] == 1 && second["created"] == true)
        let worker = try await service.worker(starter)
        #expect(try await worker.ask(keyed("cccccccc"))["revision"] == 3)
        #expect(try await client.query("list_models")["count"] == 3)
    }

    @Test func aRepeatInTheSameBatchIsGivenTheFirstAnswer() async throws {
        let service = try await Service()
        let client = try await service.client(try await service.starter())
        await client.say(all: [keyed("aaaaaaaa").id("1"), keyed("aaaaaaaa").id("2"), keyed("aaaaaaaa").id("3")])
        let first = try await client.channel.reply(to: "1")
        #expect(try await client.channel.reply(to: "2").without("request_id") == first.without("request_id"))
        #expect(try await client.channel.reply(to: "3").without("request_id") == first.without("request_id"))
        #expect(try await client.query("list_models")["revision"] == 1)
    }

    @Test func aRepeatAfterARestartIsGivenTheFirstAnswerUntilADayIsOver() async throws {
        let place = Place()
        let service = try await Service(at: place)
        let starter = try await service.starter()
        let first = try await service.client(starter).ask(keyed("aaaaaaaa"))
        await service.record.close()
        let next = try await Service(at: place)
        let client = try await next.client(starter)
        #expect(try await client.ask(keyed("aaaaaaaa")).without("request_id") == first.without("request_id"))
        next.clock.advance(seconds: 24 * 3600 + 1)
        #expect(try await client.ask(keyed("aaaaaaaa"))["created"] == false)
    }

    @Test func aRepeatOfACommitThatSeemedToFailIsAnsweredAndSeen() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter)
        _ = try await client.ask(["type": "registry_subscribe"])
        service.manifests.fail(.answerLost)
        #expect(try await client.ask(keyed("aaaaaaaa"))["code"] == "UNAVAILABLE")
        let again = try await client.ask(keyed("aaaaaaaa"))
        #expect(again["type"] == "registry_published" && again["revision"] == 1)
        let listed = try await client.query("list_models")
        #expect(listed["count"] == 1 && listed["revision"] == 1)
        #expect(try await client.publish("bbbbbbbb")["revision"] == 2)
        #expect(client.channel.frames(of: "registry_event").map { $0["revision"] } == [1, 2])
    }

    @Test func aRepeatAtAnotherServerSeesWhatItIsTold() async throws {
        let one = try await Service()
        let starter = try await one.starter()
        let two = try await Service(sharing: one, server: "two")
        let there = try await two.client(starter)
        _ = try await one.client(starter).ask(keyed("aaaaaaaa"))
        #expect(try await there.ask(keyed("aaaaaaaa"))["revision"] == 1)
        #expect(try await there.query("list_models")["count"] == 1)
    }

    @Test func answersThatNoRepeatIsGivenAnyMoreAreForgottenNowAndThen() async throws {
        let service = try await Service()
        var rounds = RoomDirectory.Rounds()
        let begin = service.clock.now
        await service.directory.turn(&rounds)
        service.clock.advance(seconds: 599)
        await service.directory.turn(&rounds)
        #expect(service.manifests.receiptsForgottenBefore == [begin.advanced(bySeconds: -24 * 3600)])
        service.clock.advance(seconds: 1)
        await service.directory.turn(&rounds)
        #expect(service.manifests.receiptsForgottenBefore.count == 2)
    }
}
