import JSONWire
import RoomCore
import RoomStorage
import Testing
import WireMessages

@testable import RoomService

@Suite struct AdmissionTests {
    private func reason(_ service: Service, _ registration: JSONObject) async throws -> String? {
        do {
            _ = try await service.directory.admit(Registration(registration))
            return nil
        } catch let refusal as AdmissionRefusal {
            guard case .refused(let error) = refusal else { return "unavailable" }
            return error.message
        }
    }

    @Test func accountKeysAreRefusedForTheReasonsClientsKnow() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let eve = try await service.starter("eve", room: "den")
        let form = ann.client("p").without("jwt").with(["api_key": .string(ann.accountKey)])
        #expect(try await reason(service, form) == nil)
        #expect(try await reason(service, form.with(["api_key": "slp_acct_no"])) == "Invalid account key")
        #expect(try await reason(service, form.without("room_id")) == "room_id required for account key auth")
        #expect(
            try await reason(service, form.with(["api_key": .string(eve.accountKey)])) == "No access to this room")
        try await service.accounts.revokeAccountKey(ann.accountKey, by: ann.user.id)
        #expect(try await reason(service, form) == "Account key revoked")
        let ended = AccountKey(
            hash: Accounts.hash("slp_acct_old"), user: ann.user.id, name: "old", createdAt: service.clock.now,
            expiresAt: service.clock.now, revokedAt: nil)
        try await service.record.createAccountKey(ended)
        #expect(try await reason(service, form.with(["api_key": "slp_acct_old"])) == "Account key expired")
    }

    @Test func workerTokensAreRefusedForTheReasonsClientsKnow() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let form = ann.worker("w")
        #expect(try await reason(service, form) == nil)
        #expect(try await reason(service, form.with(["api_key": "slp_no"])) == "Invalid API key")
        let brief = try await service.accounts.issueWorkerToken(
            for: WorkerName(trusted: "brief"), in: ann.room.id, by: ann.user.id, lifetimeDays: 1)
        service.clock.advance(seconds: 86_400)
        #expect(try await reason(service, form.with(["api_key": .string(brief.secret)])) == "Token expired")
        try await service.accounts.revokeWorkerToken(ann.workerToken ?? "", by: ann.user.id)
        #expect(try await reason(service, form) == "Token revoked")
    }

    @Test func jwtsAndMissingProofsAreRefusedForTheReasonsClientsKnow() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let eve = try await service.starter("eve", room: "den")
        let form = ann.client("p")
        #expect(try await reason(service, form.with(["jwt": "a.b.c"]))?.hasPrefix("Invalid token: ") == true)
        #expect(try await reason(service, form.without("room_id")) == "room_id required for JWT auth")
        #expect(try await reason(service, form.with(["jwt": .string(eve.jwt)])) == "No access to this room")
        let none = "No authentication provided. Use api_key, jwt, or id_token."
        #expect(try await reason(service, form.without("jwt")) == none)
        #expect(try await reason(service, form.without("jwt").with(["api_key": "other_key"])) == none)
        service.clock.advance(seconds: TokenAuthority.lifetimeSeconds)
        #expect(try await reason(service, form)?.hasPrefix("Invalid token: ") == true)
    }

    @Test func aTokenOfAServerWhoseClockIsAMinuteAheadIsTakenAndItsEndIsExact() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let now = service.clock.now
        func outcome(issued: Int64, term: Int64) async throws -> String? {
            let jwt = try service.authority.issue(
                to: ann.user, at: now.advanced(bySeconds: issued), lifetimeSeconds: term)
            return try await reason(service, ann.client("p").with(["jwt": .string(jwt)]))
        }
        #expect(try await outcome(issued: 60, term: 100) == nil)
        #expect(try await outcome(issued: 61, term: 100)?.hasPrefix("Invalid token: ") == true)
        #expect(try await outcome(issued: -100, term: 101) == nil)
        #expect(try await outcome(issued: -100, term: 100)?.hasPrefix("Invalid token: ") == true)
    }

    @Test func aRoomThatEndedAdmitsNobody() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let room = RoomRecord(
            id: RoomID(trusted: "brief"), name: "brief", createdBy: ann.user.id, createdAt: service.clock.now,
            expiresAt: service.clock.now.advanced(bySeconds: 60))
        try await service.record.createRoom(room, epoch: Epoch(trusted: "e"))
        let form = ann.client("p").with(["room_id": "brief"])
        let peer = try await service.join(form)
        service.clock.advance(seconds: 60)
        #expect(try await reason(service, form) == "Room expired")
        var rounds = RoomDirectory.Rounds()
        await service.directory.turn(&rounds)
        #expect(peer.channel.closing == .roomExpired)
    }

    @Test func aRecordThatCannotBeReadIsNoRefusal() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        service.manifests.fail(.unavailable)
        await #expect(throws: AdmissionRefusal.unavailable) {
            try await service.directory.admit(Registration(ann.client("p")))
        }
        service.manifests.fail(.none)
        #expect(try await service.client(ann).id != nil)
    }

    @Test func whoProvedACredentialBeforeComesBackWhileTheRecordIsAwayAndNobodyElse() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let bob = try await service.starter("bob", worker: nil)
        _ = try await service.client(ann, "p")
        await service.record.close()
        let entry = try await service.directory.admit(Registration(ann.client("p"))).entry
        #expect(entry.identity.user == ann.user.id && entry.identity.role == .member(.owner))
        await #expect(throws: AdmissionRefusal.unavailable) {
            try await service.directory.admit(Registration(bob.client("q")))
        }
        await service.directory.closeHere(.user(ann.user.id), in: nil, .credentialRevoked)
        await #expect(throws: AdmissionRefusal.unavailable) {
            try await service.directory.admit(Registration(ann.client("p")))
        }
    }

    @Test func revokingATokenClosesItsSocketsAndNoOthers() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let worker = try await service.worker(ann)
        let byKey = try await service.join(
            ann.client("k").without("jwt").with(["api_key": .string(ann.accountKey)]))
        let byJWT = try await service.client(ann)
        try await service.accounts.revokeWorkerToken(ann.workerToken ?? "", by: ann.user.id)
        #expect(worker.channel.closing == .credentialRevoked)
        #expect(byKey.channel.closing == nil)
        try await service.accounts.revokeAccountKey(ann.accountKey, by: ann.user.id)
        #expect(byKey.channel.closing == .credentialRevoked)
        #expect(byJWT.channel.closing == nil)
        #expect(await byJWT.room.peerCount == 1)
    }

    @Test func aJWTThatAnAccountKeyBoughtEndsWithTheKeyAndClosesItsSockets() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let jwt = try #require(try await service.accounts.logIn(bearer: ann.accountKey)).jwt
        let bought = try await service.client(ann, "bought", with: ["jwt": .string(jwt)])
        let own = try await service.client(ann, "own")
        #expect(try await service.accounts.user(bearer: jwt)?.id == ann.user.id)
        for _ in ["revoked", "deleted"] {
            try await service.accounts.revokeAccountKey(ann.accountKey, by: ann.user.id)
            #expect(bought.channel.closing == .credentialRevoked && own.channel.closing == nil)
            #expect(try await service.accounts.user(bearer: jwt) == nil)
            #expect(try await service.accounts.logIn(bearer: jwt) == nil)
            let form = ann.client("again").with(["jwt": .string(jwt)])
            #expect(try await reason(service, form) == "Account key revoked")
        }
    }

    @Test func aJWTThatAnAccountKeyBoughtEndsNoLaterThanTheKey() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let end = service.clock.now.advanced(bySeconds: 60)
        let key = AccountKey(
            hash: Accounts.hash("slp_acct_brief"), user: ann.user.id, name: "brief", createdAt: service.clock.now,
            expiresAt: end, revokedAt: nil)
        try await service.record.createAccountKey(key)
        let jwt = try #require(try await service.accounts.logIn(bearer: "slp_acct_brief")).jwt
        let form = ann.client("p").with(["jwt": .string(jwt)])
        #expect(try await service.directory.admit(Registration(form)).entry.identity.expiresAt == end)
        service.clock.advance(seconds: 60)
        #expect(try await service.accounts.user(bearer: jwt) == nil)
    }

    @Test func removingAMemberClosesTheMembersSockets() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let jwt = try await service.member("bob", of: ann, role: .publisher)
        let bob = try await service.client(ann, "bob", with: ["jwt": .string(jwt)])
        let owner = try await service.client(ann)
        try await service.accounts.removeMember(UserID(trusted: "id-bob"), from: ann.room.id, by: ann.user.id)
        #expect(bob.channel.closing == .credentialRevoked)
        #expect(owner.channel.closing == nil)
        await #expect(throws: AdmissionRefusal.self) {
            try await service.directory.admit(Registration(ann.client("bob").with(["jwt": .string(jwt)])))
        }
    }

    @Test func aCredentialThatExpiresEndsItsSocketAtTheNextTurn() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let client = try await service.client(ann)
        let worker = try await service.worker(ann)
        let turning = Task { await service.directory.run() }
        defer { turning.cancel() }
        service.clock.advance(seconds: TokenAuthority.lifetimeSeconds)
        #expect(try await client.channel.closed() == .credentialExpired)
        #expect(worker.channel.closing == nil)
    }
}
