import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct RegistrationTests {
    private func registration(_ text: String) throws -> Registration { try Registration(Vectors.object(text)) }

    @Test func everyFieldIsRead() throws {
        let registration = try registration(
            #"""
            {"type":"register","peer_id":"worker-1","role":"worker","is_admin":true,"api_key":"slp_acct_x","room_id":"a1b2",
             "token":"old","capabilities":["registry/1","future/9",5],
             "metadata":{"tags":["sleap-rtc"],"properties":{"worker_name":"gpu-1","gpu_memory_mb":24576}}}
            """#)
        #expect(registration.peer?.text == "worker-1" && registration.role == .worker && registration.claimsAdmin)
        #expect(
            registration.room?.text == "a1b2" && registration.token == "old"
                && registration.capabilities.contains("registry/1"))
        #expect(registration.capabilities == ["registry/1", "future/9"])
        #expect(registration.metadata.workerName?.text == "gpu-1" && registration.metadata.tags == ["sleap-rtc"])
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        for text in ["{}", #"{"peer_id":null,"role":null,"metadata":null,"is_admin":null,"room_id":null,"jwt":null}"#] {
            let registration = try registration(text)
            #expect(registration.peer == nil && registration.role == .peer && registration.room == nil)
            #expect(!registration.claimsAdmin && registration.capabilities.isEmpty && registration.token == .null)
            #expect(registration.credential == .none && registration.metadata.object.isEmpty)
        }
        #expect(try registration(#"{"role":"dancer"}"#).role == .peer)
    }

    @Test func accountKeysComeBeforeTokensBeforeJWTs() throws {
        for (text, credential) in [
            (#"{"api_key":"slp_acct_k","jwt":"j"}"#, Registration.Credential.accountKey("slp_acct_k")),
            (#"{"api_key":"slp_k","jwt":"j"}"#, .workerToken("slp_k")),
            (#"{"api_key":"other","jwt":"j"}"#, .jwt("j")), (#"{"jwt":"j"}"#, .jwt("j")),
            (#"{"id_token":"i"}"#, .jwt("i")), (#"{"jwt":"j","id_token":"i"}"#, .jwt("j")),
            (#"{"api_key":"other"}"#, .none), (#"{"id_token":""}"#, .none),
        ] {
            #expect(try registration(text).credential == credential, "\(text)")
        }
    }

    @Test func aBadFieldIsNamed() throws {
        let large = String(repeating: "x", count: 70_000)
        for (text, field) in [
            (#"{"peer_id":5}"#, "peer_id"), (#"{"peer_id":"a\"b"}"#, "peer_id"),
            (#"{"peer_id":"\#(String(repeating: "x", count: 129))"}"#, "peer_id"), (#"{"peer_id":"ä"}"#, "peer_id"),
            (#"{"role":1}"#, "role"), (#"{"metadata":[]}"#, "metadata"), (#"{"is_admin":"yes"}"#, "is_admin"),
            (#"{"room_id":"a b"}"#, "room_id"), (#"{"room_id":7}"#, "room_id"), (#"{"api_key":1}"#, "api_key"),
            (#"{"api_key":"\#(large)"}"#, "api_key"), (#"{"jwt":{}}"#, "jwt"), (#"{"jwt":"\#(large)"}"#, "jwt"),
            (#"{"metadata":{"x":"\#(large)"}}"#, "metadata"),
        ] {
            let object = try Vectors.object(text)
            let fault = #expect(throws: FieldFault.self, "\(text.prefix(80))") { try Registration(object) }
            #expect(fault?.field == field && (fault?.description.utf8.count ?? 0) < 200)
        }
    }
}
