import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct BoundsTests {
    @Test func whatEverybodyHearsOfIsAskedForWithinTheRate() async throws {
        let service = try await Service { $0.limits.requestsPerSecond = 2 }
        let starter = try await service.starter()
        let worker = try await service.worker(starter, "w1")
        let client = try await service.client(starter, "alice")
        let update: JSONObject = ["type": "update_metadata", "peer_id": "alice", "metadata": ["properties": ["a": 1]]]
        let reserve: JSONObject = ["type": "reserve", "target": "w1"]
        let release: JSONObject = ["type": "release", "target": "w1"]
        await client.say(all: [update, reserve.id("1"), release.id("2"), reserve.id("3"), update.id("4")])
        #expect(client.channel.types.suffix(5) == ["metadata_updated", "reserved", "error", "error", "error"])
        let refused = client.channel.frames.suffix(3)
        #expect(refused.map { $0["request_id"] } == ["2", "3", "4"])
        #expect(refused.allSatisfy { $0["code"] == "RATE_LIMITED" && $0["retry_after_ms"] == 500 })
        // A worker takes an error that it did not ask for as its end.
        let said: JSONObject = ["type": "update_metadata", "peer_id": "w1", "metadata": ["properties": ["b": 1]]]
        await worker.say(all: [said, said, said])
        #expect(worker.channel.types == ["registered_auth", "metadata_updated", "metadata_updated"])
    }

    @Test func metadataThatStaysAsItIsIsNoNews() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let worker = try await service.worker(starter, "w1")
        let watcher = try await service.client(starter, "alice")
        _ = try await watcher.ask(["type": "registry_subscribe", "presence": true])
        let said: JSONObject = ["type": "update_metadata", "peer_id": "w1", "metadata": ["properties": ["b": 1]]]
        await worker.say(all: [said, said, said])
        #expect(worker.channel.frames(of: "metadata_updated").count == 3)
        #expect(watcher.channel.frames(of: "presence_event").count == 2)
    }

    /// A model of about so many bytes.
    private func large(_ id: String, bytes: Int) -> JSONObject {
        Peer.publish(id).with([
            "model": ["id": .string(id), "hyperparameters": ["x": .string(String(repeating: "x", count: bytes))]]
        ])
    }

    @Test func aMailboxIsBoundedInBytesToo() async throws {
        let service = try await Service { $0.mailboxBytes = 10_000 }
        let starter = try await service.starter()
        let first = try await service.client(starter, "first")
        let second = try await service.client(starter, "second")
        service.manifests.holdAppends()
        await first.say(large("aaaaaaaa", bytes: 7_000).id("1"))
        let refused = try await second.ask(large("bbbbbbbb", bytes: 7_000))
        #expect(refused["code"] == "UNAVAILABLE" && refused["retryable"] == true)
        service.manifests.release()
        #expect(try await first.channel.reply(to: "1")["type"] == "registry_published")
        #expect(try await second.ask(large("bbbbbbbb", bytes: 7_000))["type"] == "registry_published")
        try await eventually("an empty mailbox") { await first.room.mailboxBytes == 0 }
    }

    @Test func withdrawnModelsDoNotMakeAManifestTooLarge() async throws {
        let service = try await Service { $0.limits.messageBytes = 64 * 1024 }
        let client = try await service.client(try await service.starter())
        for number in 0..<4 {
            _ = try await client.ask(large(number.modelID, bytes: 20_000))
        }
        #expect(try await client.query("manifest")["code"] == "TOO_LARGE")
        for number in 0..<3 {
            _ = try await client.ask(["type": "registry_withdraw", "model_id": .string(number.modelID)])
        }
        let reply = try await client.query("manifest")
        #expect(reply[path: "manifest", "models"]?.objectValue?.keys == [3.modelID])
    }

    /// An empty page would say that there is no more.
    @Test func aChangeThatDoesNotFitAPageIsNotTakenForTheEnd() async throws {
        let service = try await Service { $0.limits.messageBytes = 64 * 1024 }
        let client = try await service.client(try await service.starter())
        _ = try await client.ask(large("aaaaaaaa", bytes: 31_000))
        _ = try await client.ask(["type": "registry_update", "model_id": "aaaaaaaa", "set": ["notes": "n"]])
        let first = try await client.query("history")
        #expect(first["changes"]?.arrayValue?.count == 1)
        let rest = try await client.query("history", ["after_revision": 1])
        #expect(rest["code"] == "TOO_LARGE" || rest["changes"]?.arrayValue?.count == 1)
    }

    @Test func repliesKeepTheirOrderOverManyRounds() {
        var queue = ReplyQueue<Int>()
        var sent: [UInt8] = []
        for round in 0..<100 {
            let slots = (0..<7).map { _ in queue.open() }
            for (offset, slot) in slots.enumerated().reversed() {
                queue.fill(slot, with: [UInt8(truncatingIfNeeded: round * 7 + offset)])
                // What is filled already is filled for good.
                queue.fill(slot, with: [255, 255])
            }
            while case .frame(let frame)? = queue.next() { sent += frame }
        }
        #expect(sent == (0..<700).map { UInt8(truncatingIfNeeded: $0) })
    }
}
