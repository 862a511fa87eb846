import EventLoops
import Foundation
import JSONWire
import RoomClient
import Testing

/// Sockets end when what opened them ends, and peers hear why.
@Suite struct ClosingTests {
    @Test func aSignalSendsPeersAwayWithAReasonAndEndsWell() async throws {
        let server = BuiltServer(environment: ["SLEAP_ROOMS_DRAIN_S": "1"])
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let settings = try server.settings(.jwt(starter.jwt, room: starter.room_id))
            let peers = [
                try await RoomConnection.open(settings, on: group.next()),
                try await RoomConnection.open(settings, on: group.next()),
            ]
            let child = try #require(server.child)
            kill(child.pid, SIGTERM)
            for peer in peers { #expect(try await closeCode(of: peer) == 1012) }
            try await eventually("the end of the server") { child.status != nil }
            #expect(child.status == Child.Exit(code: 0))
        }
    }

    @Test func revokingATokenEndsItsSocketAtOnce() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let made = try await server.ask(
                "POST", "/api/auth/token", bearer: starter.jwt,
                body: ["room_id": .string(starter.room_id), "worker_name": "gpu-2", "expires_days": 1])
            #expect(made.status == 200)
            let token = try #require(made.body["token_id"]?.stringValue)
            var settings = try server.settings(.workerToken(token))
            settings.role = "worker"
            let worker = try await RoomConnection.open(settings, on: group.next())
            let other = try await RoomConnection.open(
                try server.settings(.workerToken(try #require(starter.worker_token))), on: group.next())

            #expect(try await server.ask("DELETE", "/api/auth/token/\(token)", bearer: starter.jwt).status == 200)
            #expect(try await closeCode(of: worker) == 4003)
            #expect(await other.end == nil)
            await #expect(throws: ClientFault.self) { try await RoomConnection.open(settings, on: group.next()) }
        }
    }

    @Test func revokingAnAccountKeyEndsItsSockets() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let settings = try server.settings(.accountKey(starter.account_key, room: starter.room_id))
            let peer = try await RoomConnection.open(settings, on: group.next())
            let path = "/api/auth/account-keys/\(starter.account_key)"
            #expect(try await server.ask("DELETE", path, bearer: starter.jwt).status == 200)
            #expect(try await closeCode(of: peer) == 4003)
            #expect(try await server.ask("DELETE", path, bearer: starter.account_key).status == 401)
        }
    }

    @Test func aRemovedMemberIsOut() async throws {
        let server = BuiltServer()
        let owner = try server.bootstrap()
        let member = try server.bootstrap(user: "bob", worker: nil)
        try server.start()
        try await withLoops { group in
            let settings = try server.settings(.jwt(member.jwt, room: member.room_id))
            let peer = try await RoomConnection.open(settings, on: group.next())
            let path = "/api/auth/rooms/\(owner.room_id)/members/\(member.user_id)"
            #expect(try await server.ask("DELETE", path, bearer: member.account_key).status == 200)
            #expect(try await closeCode(of: peer) == 4003)
            await #expect(throws: ClientFault.self) { try await RoomConnection.open(settings, on: group.next()) }
        }
    }

    @Test func aNewSocketOfTheSamePeerTakesThePlaceOfTheOld() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            let settings = try server.settings(.jwt(starter.jwt, room: starter.room_id), peer: "laptop")
            let old = try await RoomConnection.open(settings, on: group.next())
            let new = try await RoomConnection.open(settings, on: group.next())
            #expect(try await closeCode(of: old) == 4002)
            let other = try await RoomConnection.open(
                try server.settings(.jwt(starter.jwt, room: starter.room_id), peer: "other"), on: group.next())
            #expect(await other.greeting["peer_list"]?.arrayValue == ["laptop"])
            #expect(await new.end == nil)
        }
    }

    @Test func wrongCredentialsAreToldWhyAndMayTryAgain() async throws {
        let server = BuiltServer()
        let starter = try server.bootstrap()
        try server.start()
        try await withLoops { group in
            for (credential, reason) in [
                (ClientSettings.Credential.workerToken("slp_nonsense"), "Invalid API key"),
                (.accountKey("slp_acct_nonsense", room: starter.room_id), "Invalid account key"),
                (.jwt(starter.jwt, room: "00000000"), "No access to this room"),
                (
                    .jwt(String(starter.jwt.dropLast(8)) + "AAAAAAAA", room: starter.room_id),
                    "Invalid token: Signature verification failed."
                ),
            ] {
                do {
                    _ = try await RoomConnection.open(try server.settings(credential), on: group.next())
                    Issue.record("\(reason) was let in")
                } catch ClientFault.refused(_, let message, _, _) {
                    #expect(message == reason)
                }
            }
        }
    }
}
