import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct WritingTests {
    @Test func anAcknowledgedWriteIsInTheReopenedRecord() async throws {
        let place = Place()
        let first = try await Service(at: place)
        let starter = try await first.starter()
        let reply = try await first.client(starter).publish("aaaaaaaa", ["alias": "best"])
        #expect(reply["type"] == "registry_published" && reply["revision"] == 1 && reply["created"] == true)
        await first.record.close()
        let second = try await Service(at: place)
        let answer = try await second.client(starter).query("get_model_info", ["model_id": "best"])
        #expect(answer["revision"] == 1)
        #expect(answer[path: "model", "id"] == "aaaaaaaa")
        #expect(answer["epoch"] == reply["epoch"])
    }

    @Test func repliesComeInTheOrderOfRequestsAndReadsSeeTheWritesBefore() async throws {
        let service = try await Service()
        let client = try await service.client(try await service.starter())
        await client.say(all: [
            Peer.query("list_models").id("1"), Peer.publish("aaaaaaaa").id("2"), Peer.query("list_models").id("3"),
            Peer.query("history").id("4"), Peer.query("nonsense").id("5"), Peer.publish("bbbbbbbb").id("6"),
            Peer.query("list_models").id("7"), Peer.query("manifest", ["at_revision": 1]).id("8"),
        ])
        _ = try await client.channel.reply(to: "8")
        let replies = client.channel.frames.dropFirst()
        #expect(replies.map { $0["request_id"]?.stringValue ?? "" } == ["1", "2", "3", "4", "5", "6", "7", "8"])
        let counts = replies.filter { $0["command"] == "list_models" }.map { $0["count"] }
        // Both writes may ride on one commit, which a read between them then sees whole.
        #expect(counts == [0, 1, 2] || counts == [0, 2, 2])
        #expect(replies.first { $0["request_id"] == "4" }?["changes"]?.arrayValue?.isEmpty == false)
    }

    @Test func manyPublishersShareCommits() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter)
        let other = try await service.client(starter, "bob")
        service.manifests.holdAppends()
        for number in 0..<100 {
            await (number % 2 == 0 ? client : other).say(Peer.publish(number.modelID).id("w\(number)"))
        }
        try await eventually("a held commit") { service.manifests.held == 1 }
        service.manifests.release()
        for number in 0..<100 {
            let reply = try await (number % 2 == 0 ? client : other).channel.reply(to: "w\(number)")
            #expect(reply["revision"] == .integer(number + 1))
        }
        #expect(service.counters.writesCommitted.value == 100)
        #expect(service.counters.commits.value < 10)
    }

    @Test func whileTheRecordIsAwayNothingChangesAndLaterAllIsWell() async throws {
        let service = try await Service()
        let client = try await service.client(try await service.starter())
        _ = try await client.publish("aaaaaaaa")
        service.manifests.fail(.unavailable)
        let refused = try await client.publish("bbbbbbbb")
        #expect(refused["code"] == "UNAVAILABLE" && refused["retryable"] == true)
        #expect(try await client.query("history")["code"] == "UNAVAILABLE")
        let listed = try await client.query("list_models")
        #expect(listed["count"] == 1 && listed["revision"] == 1)
        service.manifests.fail(.none)
        #expect(try await client.publish("bbbbbbbb")["revision"] == 2)
        #expect(service.counters.writesUnavailable.value == 1)
    }

    @Test func aFullMailboxRefusesWhatIsTooMuch() async throws {
        let service = try await Service { $0.mailboxWrites = 2 }
        let client = try await service.client(try await service.starter())
        service.manifests.holdAppends()
        await client.say(Peer.publish(0.modelID).id("0"))
        try await eventually("a held commit") { service.manifests.held == 1 }
        await client.say(all: (1...3).map { Peer.publish($0.modelID).id("\($0)") })
        service.manifests.release()
        let last = try await client.channel.reply(to: "3")
        #expect(last["code"] == "UNAVAILABLE" && last["retryable"] == true)
        #expect(client.channel.frames.compactMap { $0["request_id"]?.stringValue } == ["0", "1", "2", "3"])
        #expect(try await client.query("list_models")["count"] == 3)
    }

    @Test func requestsOverTheRateAreRefusedInTheirTurnAndReadingPauses() async throws {
        let service = try await Service {
            $0.limits.requestsPerSecond = 2
            $0.pipelinedRequests = 8
        }
        let client = try await service.client(try await service.starter())
        service.manifests.holdAppends()
        await client.say(all: (0..<10).map { Peer.publish($0.modelID).id("\($0)") })
        #expect(client.channel.isPaused)
        #expect(client.channel.pauses == 1)
        service.manifests.release()
        let last = try await client.channel.reply(to: "9")
        #expect(last["code"] == "RATE_LIMITED" && (last["retry_after_ms"]?.intValue ?? 0) > 0)
        #expect(client.channel.frames.compactMap { $0["request_id"]?.stringValue } == (0..<10).map { "\($0)" })
        try await eventually("reading goes on") { !client.channel.isPaused }
        service.clock.advance(seconds: 1)
        #expect(try await client.query("list_models")["count"] == 2)
    }

    @Test func aViewerReadsAndDoesNotWrite() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let jwt = try await service.member("vera", of: starter, role: .viewer)
        let viewer = try await service.client(starter, "vera", with: ["jwt": .string(jwt)])
        #expect(try await viewer.publish("aaaaaaaa")["code"] == "FORBIDDEN")
        #expect(try await viewer.query("list_models")["count"] == 0)
    }

    @Test func everyKindOfWriteIsAnsweredAsTheProtocolSays() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let client = try await service.client(starter)
        let worker = try await service.worker(starter)
        _ = try await client.publish("aaaaaaaa")
        let update = try await client.ask([
            "type": "registry_update", "model_id": "aaaaaaaa", "set": ["notes": "n"], "add_tags": ["t"],
        ])
        #expect(update["type"] == "registry_updated" && update[path: "model", "tags"] == ["t"])
        let alias = try await client.ask(["type": "registry_alias", "alias": "best", "model_id": "aaaaaaaa"])
        #expect(
            alias.without("epoch", "request_id") == [
                "type": "registry_aliased", "revision": 3, "alias": "best", "model_id": "aaaaaaaa",
                "previous_model_id": nil,
            ])
        let copy = try await worker.ask(["type": "registry_copy", "model_id": "best", "available": true])
        #expect(copy["available_on_workers"] == ["gpu-1"])
        let gone = try await client.ask(["type": "registry_withdraw", "model_id": "aaaaaaaa"])
        #expect(gone["type"] == "registry_withdrawn" && gone["revision"] == 5)
        let back = try await client.ask(["type": "registry_restore", "model_id": "aaaaaaaa"])
        #expect(back["type"] == "registry_restored" && back["revision"] == 6)
        #expect(try await client.publish("bbbbbbbb", ["if_revision": 3])["code"] == "STALE_REVISION")
    }
}
