import JSONWire
import RoomCore
import RoomService
import Testing
import WireMessages

@Suite struct EnteringTests {
    @Test func theGreetingHasEveryFieldAndTermsOnlyForThoseWhoAsked() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap()
        let plain = try await server.join([
            "peer_id": "a", "room_id": .string(starter.room.id.text), "jwt": .string(starter.jwt), "token": "old",
        ])
        let greeting = try await plain.channel.next("registered_auth")
        #expect(
            Set(greeting.keys) == [
                "type", "room_id", "token", "peer_id", "admin_peer_id", "peer_list", "peer_metadata", "ice_servers",
                "mesh_ice_servers",
            ])
        #expect(greeting["token"] == "old" && greeting["admin_peer_id"] == .null)
        let other = try await server.join([
            "room_id": .string(starter.room.id.text), "api_key": .string(starter.accountKey), "role": "client",
            "capabilities": ["registry/1"],
        ])
        let terms = try await other.channel.next("registered_auth")
        #expect(terms["peer_list"] == ["a"])
        #expect(terms["peer_id"]?.stringValue?.hasPrefix("client-alice-") == true)
        #expect(terms["capabilities"] == ["registry/1"])
        #expect(terms["revision"] == 0 && terms["epoch"]?.stringValue != nil && terms["session_id"]?.stringValue != nil)
        #expect(terms["limits"]?.objectValue?["max_message_bytes"] == 1_048_576)
    }

    @Test func theFirstToClaimIsAdminAndTheSecondHearsItFirst() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap()
        let first = try await server.client(starter, "a", ["is_admin": true])
        let second = try await server.join([
            "peer_id": "b", "room_id": .string(starter.room.id.text), "jwt": .string(starter.jwt), "is_admin": true,
        ])
        #expect(second.channel.frames.map { $0["type"] } == ["admin_conflict", "registered_auth"])
        #expect(second.channel.frames.first?["current_admin"] == "a")
        try await first.leave()
        let third = try await server.join([
            "peer_id": "c", "room_id": .string(starter.room.id.text), "jwt": .string(starter.jwt), "is_admin": true,
        ])
        #expect(try await third.channel.next("registered_auth")["admin_peer_id"] == "c")
    }

    @Test func theSameCredentialTakesOverAndTheOldSocketsEndChangesNothing() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap(worker: "gpu-1")
        let old = try await server.worker(starter, "w")
        let new = try await server.worker(starter, "w")
        #expect(old.channel.closed == .replaced)
        try await old.leave()
        let other = try await server.client(starter, "c")
        #expect(try await other.ask("registry_query", ["command": "list_models"])["type"] == "registry_response")
        try await other.say(["type": "offer", "sender": "c", "target": "w", "sdp": "x"])
        #expect(try await new.channel.next("offer")["sdp"] == "x")
    }

    @Test func anothersPeerIDIsRefusedAndTheHolderStays() async throws {
        let server = try await RecordFixture().server()
        let alice = try await server.bootstrap()
        let bob = try await server.bootstrap("bob")
        let holder = try await server.client(alice, "laptop")
        let thief = try await server.client(bob, "laptop")
        #expect(thief.session == nil)
        #expect(try await thief.channel.next("error")["code"] == "FORBIDDEN")
        #expect(holder.channel.closed == nil)
    }

    @Test func peerIDsArePerRoom() async throws {
        let server = try await RecordFixture().server()
        let one = try await server.bootstrap("alice", room: "one")
        let two = try await server.bootstrap("bob", room: "two")
        let first = try await server.client(one, "same")
        let second = try await server.client(two, "same")
        #expect(first.channel.closed == nil && second.session != nil)
        let sender = try await server.client(one, "sender")
        try await sender.say(["type": "offer", "sender": "sender", "target": "same", "sdp": "x"])
        _ = try await first.channel.next("offer")
        #expect(second.channel.frames.isEmpty)
    }

    @Test func registeringAgainOnOneSocketKeepsItsPlaceAndWhatIsNotNamed() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap(worker: "gpu-1")
        let worker = try await server.worker(
            starter, "w", ["metadata": ["tags": ["sleap-rtc"], "properties": ["status": "busy", "mounts": ["/a"]]]])
        let reception = try await worker.say([
            "type": "register", "peer_id": "w", "role": "worker", "api_key": .string(try #require(starter.workerToken)),
            "metadata": ["properties": ["status": "available"]],
        ])
        guard case .registration = reception else { throw CancellationError() }
        let again = try await server.join(
            [
                "peer_id": "w", "role": "worker", "api_key": .string(try #require(starter.workerToken)),
                "metadata": ["properties": ["status": "available"]],
            ], current: worker)
        #expect(again.session == worker.session)
        let client = try await server.client(starter, "c")
        try await client.say(["type": "discover_peers", "from_peer_id": "c", "filters": ["tags": ["sleap-rtc"]]])
        let found = try #require(try await client.channel.next("peer_list")["peers"]?.arrayValue?.first?.objectValue)
        let properties = found["metadata"]?.objectValue?["properties"]?.objectValue
        #expect(properties?["status"] == "available" && properties?["mounts"] == ["/a"])
    }

    @Test func oneIdentityHasSoManySockets() async throws {
        let server = try await RecordFixture().server { $0.socketsPerIdentity = 2 }
        let starter = try await server.bootstrap()
        _ = try await server.client(starter, "a")
        _ = try await server.client(starter, "b")
        #expect(try await server.client(starter, "c").channel.closed == .tooManySockets)
    }
}
