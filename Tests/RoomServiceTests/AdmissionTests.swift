import Glibc
import JSONWire
import RoomCore
import RoomService
import RoomStorage
import Testing
import WireMessages

@Suite struct AdmissionTests {
    private func reason(_ server: ServerFixture, _ fields: JSONObject) async throws -> String? {
        do {
            _ = try await server.join(fields)
            return nil
        } catch AdmissionRefusal.refused(let error) {
            return error.message
        }
    }

    @Test func eachRefusalHasTheReasonThatClientsKnow() async throws {
        let fixture = try await RecordFixture()
        let server = fixture.server()
        let starter = try await server.bootstrap(worker: "gpu-1")
        let stranger = try await server.bootstrap("bob", room: "other")
        let room = JSONValue.string(starter.room.id.text)
        #expect(try await reason(server, ["api_key": "slp_acct_x"]) == "Invalid account key")
        #expect(
            try await reason(server, ["api_key": .string(starter.accountKey)])
                == "room_id required for account key auth")
        #expect(
            try await reason(server, ["api_key": .string(stranger.accountKey), "room_id": room])
                == "No access to this room")
        #expect(try await reason(server, ["api_key": "slp_x"]) == "Invalid API key")
        #expect(try await reason(server, ["jwt": .string(starter.jwt)]) == "room_id required for JWT auth")
        #expect(try await reason(server, ["jwt": .string(stranger.jwt), "room_id": room]) == "No access to this room")
        #expect(try await reason(server, ["jwt": "x.y.z", "room_id": room])?.hasPrefix("Invalid token: ") == true)
        #expect(
            try await reason(server, ["api_key": "other", "room_id": room])
                == "No authentication provided. Use api_key, jwt, or id_token.")
        try await server.accounts.revokeAccountKey(stranger.accountKey, by: stranger.user.id)
        #expect(
            try await reason(server, ["api_key": .string(stranger.accountKey), "room_id": room])
                == "Account key revoked")
        let token = try #require(starter.workerToken)
        try await server.accounts.revokeWorkerToken(token, by: starter.user.id)
        #expect(try await reason(server, ["api_key": .string(token)]) == "Token revoked")
    }

    @Test func expiredTokensAreRefusedAndTheirSocketsEnd() async throws {
        let fixture = try await RecordFixture()
        let server = fixture.server()
        let starter = try await server.bootstrap()
        let (secret, _) = try await server.accounts.issueWorkerToken(
            for: WorkerName(trusted: "gpu-1"), in: starter.room.id, by: starter.user.id, lifetimeDays: 1)
        let worker = try await server.join(["api_key": .string(secret), "role": "worker", "peer_id": "w"])
        let running = Task { await server.directory.run() }
        fixture.clock.advance(bySeconds: 86_401)
        try await eventually("the end") { worker.channel.closed == .credentialExpired }
        running.cancel()
        #expect(try await reason(server, ["api_key": .string(secret)]) == "Token expired")
    }

    @Test func aRecordThatIsAwayIsNoReasonToRefuse() async throws {
        let fixture = try await RecordFixture()
        let server = fixture.server()
        let starter = try await server.bootstrap()
        await fixture.record.close()
        await #expect(throws: AdmissionRefusal.unavailable) {
            try await server.client(starter, "a")
        }
    }

    @Test func aForeignRevocationIsRefused() async throws {
        let server = try await RecordFixture().server()
        let starter = try await server.bootstrap(worker: "gpu-1")
        let bob = try await server.bootstrap("bob")
        await #expect(throws: Accounts.Fault.forbidden("You don't own this token")) {
            try await server.accounts.revokeWorkerToken(try #require(starter.workerToken), by: bob.user.id)
        }
        await #expect(throws: Accounts.Fault.notFound("Account key not found")) {
            try await server.accounts.revokeAccountKey(starter.accountKey, by: bob.user.id)
        }
    }

    @Test func secretsAreKeptAsHashes() async throws {
        let fixture = try await RecordFixture()
        let starter = try await fixture.server().bootstrap(worker: "gpu-1")
        await fixture.record.close()
        let bytes = try ["", "-wal"].map { suffix in
            let file = try #require(fopen(fixture.path + "/record.sqlite" + suffix, "r") ?? fopen("/dev/null", "r"))
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65536)
            while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
            return String(decoding: bytes, as: UTF8.self)
        }.joined()
        #expect(bytes.contains(starter.user.id.text))
        #expect(!bytes.contains(starter.accountKey))
        #expect(!bytes.contains(try #require(starter.workerToken)))
    }
}
