import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

/// Rights that change while their holders are connected.
@Suite struct AccessTests {
    /// Two services on one record that tell each other nothing: whatever counts, counts by the record.
    private struct Silent {
        let one: Service
        let two: Service
        let ann: Starter

        init() async throws {
            one = try await Service()
            two = try await Service(sharing: one, server: "two")
            ann = try await one.starter()
        }

        func client(_ name: String, on service: Service, role: MemberRole) async throws -> Peer {
            let jwt = try await one.member(name, of: ann, role: role)
            return try await service.client(ann, name, with: ["jwt": .string(jwt)])
        }

        func give(_ role: MemberRole, to name: String) async throws {
            _ = try await one.accounts.setRole(
                role, of: UserID(trusted: "id-\(name)"), in: ann.room.id, by: ann.user.id)
        }
    }

    @Test func theNextWriteOfWhoWasDemotedIsForbiddenOnEveryServer() async throws {
        let silent = try await Silent()
        let peers = [
            try await silent.client("bob", on: silent.one, role: .publisher),
            try await silent.client("bea", on: silent.two, role: .publisher),
        ]
        for (number, peer) in peers.enumerated() {
            #expect(try await peer.publish(number.modelID)["type"] == "registry_published")
        }
        try await silent.give(.viewer, to: "bob")
        try await silent.give(.viewer, to: "bea")
        for (number, peer) in peers.enumerated() {
            let answer = try await peer.publish((number + 2).modelID)
            #expect(answer["code"] == "FORBIDDEN")
            #expect(answer["message"] == "Viewers may read this room, not write to it")
            // Also one that would change nothing.
            #expect(try await peer.publish(number.modelID)["code"] == "FORBIDDEN")
            #expect(peer.channel.closing == nil)
            #expect(try await peer.query("list_models")["type"] == "registry_response")
        }
        try await silent.give(.worker, to: "bea")
        #expect(try await peers[1].publish(9.modelID)["type"] == "registry_published")
    }

    @Test func aTokensWorkerDoesNoMoreThanItsMaker() async throws {
        let silent = try await Silent()
        _ = try await silent.one.member("bob", of: silent.ann, role: .publisher)
        let token = try await silent.one.accounts.issueWorkerToken(
            for: WorkerName(trusted: "gpu-9"), in: silent.ann.room.id, by: UserID(trusted: "id-bob"), lifetimeDays: nil)
        let worker = try await silent.two.join(
            silent.ann.worker("w").with(["api_key": .string(token.secret)]))
        #expect(try await worker.publish(1.modelID)["type"] == "registry_published")
        try await silent.give(.viewer, to: "bob")
        #expect(try await worker.publish(2.modelID)["code"] == "FORBIDDEN")
        let again = try await silent.two.join(
            silent.ann.worker("w2").with(["api_key": .string(token.secret)]))
        #expect(try await again.publish(3.modelID)["code"] == "FORBIDDEN")
    }

    @Test func aPolicyCountsForWhoIsConnectedElsewhere() async throws {
        let silent = try await Silent()
        let client = try await silent.client("bob", on: silent.two, role: .publisher)
        let worker = try await silent.two.worker(silent.ann)
        _ = try await client.publish(1.modelID, ["alias": "production"])
        var policy = RoomPolicy()
        policy.publishing = .workers
        policy.protectedAliases = [Alias(trusted: "production")]
        try await silent.one.accounts.setPolicy(policy, of: silent.ann.room.id, by: silent.ann.user.id)
        #expect(try await client.publish(2.modelID)["code"] == "FORBIDDEN")
        #expect(try await worker.publish(2.modelID)["type"] == "registry_published")
        let move: JSONObject = [
            "type": "registry_alias", "alias": "production", "model_id": .string(2.modelID), "force": true,
            "reason": "mine",
        ]
        let refusal = try await client.ask(move)
        #expect(refusal["message"] == "Alias production is protected; only the room owner may move it or take it away")
        let owner = try await silent.two.client(silent.ann, "ann")
        #expect(try await owner.ask(move.without("reason"))["code"] == "INVALID_MESSAGE")
        #expect(try await owner.ask(move)["previous_model_id"] == .string(1.modelID))
    }

    @Test func whoLostTheirLastRightWritesNothingAndIsShownOut() async throws {
        let silent = try await Silent()
        let client = try await silent.client("bob", on: silent.two, role: .publisher)
        _ = try await client.publish(1.modelID)
        // As another program would, or a server whose word was lost.
        _ = try await silent.one.record.removeMember(
            UserID(trusted: "id-bob"), from: silent.ann.room.id, forbidding: nil)
        await client.say(Peer.publish(2.modelID).id("last"))
        try await eventually("the end of the socket") { client.channel.closing == .credentialRevoked }
        let owner = try await silent.two.client(silent.ann, "ann")
        #expect(try await owner.query("list_models")["count"] == 1)
    }

    @Test func wordBetweenServersChangesWhatASocketMayDoBeside() async throws {
        let pair = try await AcrossServersTests.Pair()
        let jwt = try await pair.one.member("bob", of: pair.ann, role: .publisher)
        let bob = try await pair.two.client(pair.ann, "bob", with: ["jwt": .string(jwt)])
        let worker = try await pair.two.worker(pair.ann, "worker-1")
        let reserve: JSONObject = ["type": "reserve", "target": "worker-1"]
        #expect(try await bob.ask(reserve)["type"] == "reserved")
        _ = try await pair.one.accounts.setRole(
            .viewer, of: UserID(trusted: "id-bob"), in: pair.ann.room.id, by: pair.ann.user.id)
        try await eventually("the refusal") { try await bob.ask(reserve)["code"] == "FORBIDDEN" }
        #expect(worker.channel.closing == nil)
    }

    @Test func aGroupLetsInForAsLongAsItsIssuerSaysSo() async throws {
        let silent = try await Silent()
        let (accounts, room) = (silent.one.accounts, silent.ann.room.id)
        let group = GroupName(trusted: "/lab/staff")
        try await accounts.setGroupRoles([GroupRole(group: group, role: .publisher)], in: room, by: silent.ann.user.id)
        func logIn(_ groups: Set<GroupName>?) async throws -> LoginGrant {
            try await accounts.logIn(
                OutsideIdentity(
                    user: OutsideIdentity.issued(by: "https://idp", subject: "1"), username: "gus", groups: groups))
        }
        let grant = try await logIn([group, GroupName(trusted: "others")])
        let gus = try await silent.two.client(silent.ann, "gus", with: ["jwt": .string(grant.jwt)])
        #expect(try await gus.publish(1.modelID)["type"] == "registry_published")
        // GitHub, or an issuer that is not believed about groups, says nothing of them.
        _ = try await logIn(nil)
        #expect(try await gus.publish(2.modelID)["type"] == "registry_published")
        _ = try await logIn([GroupName(trusted: "others")])
        await gus.say(Peer.publish(3.modelID).id("last"))
        try await eventually("the end of the socket") { gus.channel.closing == .credentialRevoked }
        await #expect(throws: AdmissionRefusal.self) {
            try await silent.two.client(silent.ann, "gus", with: ["jwt": .string(grant.jwt)])
        }
    }

    @Test func anIssuersWordOnGroupsGrowsOld() async throws {
        let service = try await Service { $0.groupSeconds = 7200 }
        let ann = try await service.starter()
        let user = OutsideIdentity.issued(by: "https://idp", subject: "1")
        let identity = OutsideIdentity(user: user, username: "gus", groups: [GroupName(trusted: "staff")])
        var rounds = RoomDirectory.Rounds()
        for _ in 0..<3 {
            _ = try await service.accounts.logIn(identity)
            service.clock.advance(seconds: 3600)
            await service.directory.turn(&rounds)
            #expect(try await service.record.groups(of: user)?.names == identity.groups)
        }
        service.clock.advance(seconds: 7200)
        await service.directory.turn(&rounds)
        #expect(try await service.record.groups(of: user) == nil)
        #expect(ann.role == .owner)
    }

    @Test func whoWatchesTheFormerModelIsToldWhereItsAliasWentAndWhy() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let owner = try await service.client(ann, "ann")
        _ = try await owner.publish(1.modelID, ["model": .object(.model(1.modelID).with(["name": "former"]))])
        _ = try await owner.publish(2.modelID)
        _ = try await owner.ask(["type": "registry_alias", "alias": "best", "model_id": .string(1.modelID)])
        let watcher = try await service.client(ann, "watcher")
        _ = try await watcher.ask(["type": "registry_subscribe", "filters": ["name": "former"]])
        _ = try await owner.ask([
            "type": "registry_alias", "alias": "best", "model_id": .string(2.modelID), "force": true,
            "reason": "val_loss 0.02",
        ])
        let moved = try await watcher.channel.next(type: "registry_event")
        #expect(moved["kind"] == "aliased" && moved["alias"] == "best" && moved["reason"] == "val_loss 0.02")
        #expect(moved["model_id"] == .string(2.modelID) && moved["previous_model_id"] == .string(1.modelID))
    }

    @Test func theHistoryOfAnAliasHoldsTheWithdrawalThatEndedIt() async throws {
        let service = try await Service()
        let owner = try await service.client(try await service.starter(), "ann")
        _ = try await owner.publish(1.modelID, ["alias": "best"])
        _ = try await owner.ask(["type": "registry_withdraw", "model_id": "best", "reason": "leaks"])
        _ = try await owner.ask(["type": "registry_restore", "model_id": .string(1.modelID)])
        // It holds the alias no more, so this one is none of the alias's.
        _ = try await owner.ask(["type": "registry_withdraw", "model_id": .string(1.modelID)])
        _ = try await owner.publish(2.modelID, ["alias": "best"])
        func kinds(_ fields: JSONObject) async throws -> [String?] {
            try await owner.query("history", fields)["changes"]?.arrayValue?
                .map { $0.objectValue?["kind"]?.stringValue } ?? []
        }
        #expect(try await kinds(["alias": "best"]) == ["published", "withdrawn", "published"])
        #expect(try await kinds(["alias": "best", "limit": 1, "after_revision": 2]) == ["published"])
        #expect(try await kinds(["alias": "best", "limit": 2]) == ["published", "withdrawn"])
    }
}
