import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct EnteringTests {
    @Test func aGreetingHasEveryFieldThatClientsRead() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        _ = try await service.worker(starter, "worker-1")
        let client = try await service.client(starter, "alice", with: ["capabilities": [], "token": "as sent"])
        let greeting = try #require(client.channel.frames.first)
        #expect(
            greeting == [
                "type": "registered_auth", "room_id": .string(starter.room.id.text), "token": "as sent",
                "peer_id": "alice", "admin_peer_id": nil, "peer_list": ["worker-1"],
                "peer_metadata": [
                    "worker-1": [
                        "tags": ["sleap-rtc"], "properties": ["status": "available"], "_worker_name": "gpu-1",
                        "_token_id": .string(CredentialLabel.workerToken(Accounts.hash(starter.workerToken ?? ""))),
                    ]
                ],
                "ice_servers": [], "mesh_ice_servers": [],
            ])
    }

    @Test func aSocketThatOptsInLearnsTermsEpochAndRevision() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let first = try await service.client(starter)
        #expect(try await first.publish("aaaaaaaa")["revision"] == 1)
        let greeting = try #require(try await service.client(starter, "bob").channel.frames.first)
        #expect(greeting["capabilities"] == ["registry/1"])
        #expect(greeting["revision"] == 1)
        #expect(greeting["epoch"] == .string(await first.room.manifest.epoch.text))
        #expect(greeting["session_id"]?.stringValue?.isEmpty == false)
        #expect(greeting[path: "limits", "max_message_bytes"] == 1_048_576)
        #expect(greeting[path: "limits", "max_page_models"] == 500)
    }

    @Test func anAdminConflictComesBeforeTheGreeting() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let first = try await service.worker(starter, "worker-1", with: ["is_admin": true])
        #expect(first.channel.types == ["registered_auth"])
        #expect(first.channel.frames.first?["admin_peer_id"] == "worker-1")
        let second = try await service.worker(starter, "worker-2", with: ["is_admin": true])
        #expect(second.channel.types == ["admin_conflict", "registered_auth"])
        #expect(second.channel.frames.first?["current_admin"] == "worker-1")
        #expect(second.channel.frames.last?["admin_peer_id"] == "worker-1")
        await first.leave()
        let third = try await service.worker(starter, "worker-3", with: ["is_admin": true])
        #expect(third.channel.types == ["registered_auth"])
        #expect(third.channel.frames.first?["admin_peer_id"] == "worker-3")
    }

    @Test func aNewerSocketOfTheSameCredentialTakesThePlace() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let old = try await service.worker(starter, with: ["is_admin": true])
        let new = try await service.worker(starter)
        #expect(old.channel.closing == .replaced)
        #expect(new.channel.frames.first?["admin_peer_id"] == "worker-1")
        await old.leave()
        #expect(await new.room.peerCount == 1)
        #expect(await new.room.admin?.text == "worker-1")
        let client = try await service.client(starter)
        #expect(client.channel.frames.first?["peer_list"] == ["worker-1"])
    }

    @Test func takingOneAnothersPlaceNeedsNoFreePlace() async throws {
        let service = try await Service { $0.socketsPerIdentity = 1 }
        let starter = try await service.starter()
        let old = try await service.worker(starter)
        let new = try await service.worker(starter)
        #expect(new.id != nil)
        #expect(old.channel.closing == .replaced)
        let other = try await service.worker(starter, "worker-2")
        #expect(other.id == nil)
        #expect(other.channel.closing == .tooManySockets)
    }

    @Test func aWorkerThatComesBackUnderAnotherNameLeavesTheOldOne() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let named = { (name: String) -> JSONObject in
            starter.client("w").with(["role": "worker", "metadata": ["properties": ["worker_name": .string(name)]]])
        }
        let old = try await service.join(named("one"))
        #expect(try await old.publish("aaaaaaaa")[path: "model", "available_on_workers"] == ["one"])
        let new = try await service.join(named("two"))
        #expect(old.channel.closing == .replaced)
        let reply = try await new.query("get_model_info", ["model_id": "aaaaaaaa"])
        #expect(reply[path: "model", "available_on_workers"] == [])
    }

    @Test func aPeerIdOfAnotherUserIsRefused() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let holder = try await service.client(starter, "alice")
        let jwt = try await service.member("bob", of: starter, role: .publisher)
        let other = try await service.client(starter, "alice", with: ["jwt": .string(jwt)])
        #expect(other.id == nil)
        #expect(other.channel.frames.first?["code"] == "FORBIDDEN")
        #expect(other.channel.closing == nil)
        #expect(holder.channel.closing == nil)
        #expect(await holder.room.peerCount == 1)
    }

    @Test func registeringAgainKeepsTheMetadataThatIsLeftOut() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let worker = try await service.worker(
            starter,
            with: [
                "metadata": ["tags": ["a"], "properties": ["mounts": ["/mnt"], "status": "available"], "_note": 1]
            ])
        let again = starter.worker("worker-1").with(["metadata": ["properties": ["status": "busy"]]])
        guard case .registration? = await worker.say(again) else {
            Issue.record("a register message is handed out for admission")
            return
        }
        let same = try await service.join(again, on: worker.channel, current: worker.id)
        #expect(same.id == worker.id)
        let client = try await service.client(starter)
        #expect(
            client.channel.frames.first?[path: "peer_metadata", "worker-1"]?.objectValue?
                .without("_token_id", "_worker_name") == [
                    "tags": ["a"], "properties": ["mounts": ["/mnt"], "status": "busy"], "_note": 1,
                ])
        #expect(worker.channel.closing == nil)
        #expect(worker.channel.types == ["registered_auth", "registered_auth"])
    }

    @Test func metadataDoesNotGrowWithoutBoundByRegisteringAgain() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let filler = JSONValue.string(String(repeating: "x", count: 40_000))
        let worker = try await service.worker(starter, with: ["metadata": ["properties": ["one": filler]]])
        let again = starter.worker("worker-1").with(["metadata": ["properties": ["two": filler]]])
        _ = try await service.join(again, on: worker.channel, current: worker.id)
        let metadata = try await service.client(starter).channel.frames.first?[path: "peer_metadata", "worker-1"]
        #expect(metadata?.objectValue?[path: "properties", "two"] == filler)
        #expect(metadata?.objectValue?[path: "properties", "one"] == nil)
    }

    @Test func peerIdsAreARoomsOwn() async throws {
        let service = try await Service()
        let lab = try await service.starter(room: "lab")
        let den = try await service.starter(room: "den")
        let here = try await service.client(lab, "alice")
        let there = try await service.client(den, "alice")
        #expect(here.room !== there.room)
        #expect(here.channel.closing == nil)
        await there.leave()
        #expect(await here.room.peerCount == 1)
    }

    @Test func aPeerWithoutAnIdIsGivenOneAndMayChangeIt() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let worker = try await service.join(starter.worker("x").without("peer_id"))
        let name = try #require(worker.channel.frames.first?["peer_id"]?.stringValue)
        #expect(name.hasPrefix("worker-gpu-1-") && name.utf8.count == "worker-gpu-1-".utf8.count + 4)
        let client = try await service.join(starter.client("x").without("peer_id"))
        #expect(client.channel.frames.first?["peer_id"]?.stringValue?.hasPrefix("client-ann-") == true)
        let renamed = try await service.join(starter.client("zoe"), on: client.channel, current: client.id)
        #expect(renamed.id != client.id)
        #expect(await renamed.room.peerCount == 2)
    }

    @Test func aWorkersNameIsItsTokensBeforeItsOwnBeforeItsPeerId() async throws {
        let service = try await Service()
        let starter = try await service.starter()
        let properties: JSONObject = ["metadata": ["properties": ["worker_name": "told"]]]
        let byToken = try await service.worker(starter, "w1", with: properties)
        let byProperty = try await service.join(starter.client("w2").with(["role": "worker"]).with(properties))
        let byPeer = try await service.join(starter.client("w3").with(["role": "worker"]))
        for (number, (peer, name)) in [(byToken, "gpu-1"), (byProperty, "told"), (byPeer, "w3")].enumerated() {
            let reply = try await peer.publish(number.modelID)
            #expect(reply[path: "model", "available_on_workers"] == [.string(name)])
            #expect(reply[path: "model", "trained_on_worker"] == .string(name))
        }
    }
}
