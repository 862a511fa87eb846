import JSONWire
import RoomCore
import Testing
import WireMessages

@Suite struct SignalingTests {
    private func registration(_ json: String) throws -> Registration {
        try Registration(try decoded(Array(json.utf8)))
    }

    @Test(
        arguments: [
            (#"{"api_key":"slp_acct_1","jwt":"j"}"#, .accountKey("slp_acct_1")),
            (#"{"api_key":"slp_1","jwt":"j"}"#, .workerToken("slp_1")), (#"{"api_key":"other","jwt":"j"}"#, .jwt("j")),
            (#"{"jwt":"j"}"#, .jwt("j")), (#"{"api_key":"other"}"#, .none), ("{}", .none),
            (#"{"jwt":"","id_token":"i"}"#, .jwt("i")), (#"{"jwt":"j","id_token":"i"}"#, .jwt("j")),
            (#"{"api_key":"","jwt":null,"id_token":""}"#, .none),
        ] as [(String, Registration.Credential)])
    func keysComeBeforeJWTs(_ json: String, _ expected: Registration.Credential) throws {
        #expect(try registration(json).credential == expected)
    }

    @Test func whatIsNotSaidHasADefault() throws {
        let plain = try registration("{}")
        #expect(plain.role == .peer && plain.peer == nil && plain.room == nil && !plain.claimsAdmin)
        #expect(plain.token == .null && plain.capabilities.isEmpty)
        #expect(try registration(#"{"role":"robot"}"#).role == .peer)
        let empty = try registration(#"{"peer_id":"","room_id":"","token":""}"#)
        #expect(empty.peer == nil && empty.room == nil && empty.token == "")
        #expect(
            try registration(#"{"role":"worker","capabilities":["x",1,"registry/1"]}"#).capabilities == [
                "x", "registry/1",
            ])
    }

    @Test(arguments: [
        #"{"peer_id":"a\"b"}"#, #"{"room_id":"a/b"}"#, #"{"metadata":[]}"#, #"{"is_admin":1}"#, #"{"peer_id":1}"#,
    ])
    func badRegistrationsAreFaults(_ json: String) {
        #expect(throws: FieldFault.self) { try registration(json) }
    }

    @Test func metadataHasALimit() throws {
        let text = { String(repeating: "x", count: $0) }
        #expect(throws: Never.self) { try registration(#"{"metadata":{"a":"\#(text(65_000))"}}"#) }
        #expect(throws: FieldFault.self) { try registration(#"{"metadata":{"a":"\#(text(65_536))"}}"#) }
        #expect(throws: FieldFault.self) { try registration(#"{"token":"\#(text(4096))"}"#) }
    }

    @Test func onlyOptedInSocketsLearnTheTerms() throws {
        let terms = SignalingMessage.RegistryTerms(
            limits: WireLimits(), epoch: Epoch(trusted: "e"), revision: Revision(4), session: "s")
        let fields: Set = [
            "type", "room_id", "token", "peer_id", "admin_peer_id", "peer_list", "peer_metadata", "ice_servers",
            "mesh_ice_servers",
        ]
        for (terms, added) in [(nil, []), (terms, ["capabilities", "limits", "epoch", "revision", "session_id"])] {
            let object = try decoded(
                SignalingMessage.registered(
                    PeerID(trusted: "p"), in: RoomID(trusted: "r"), token: "t", admin: nil, others: [],
                    capabilities: terms == nil ? [] : ["registry/1"], terms: terms))
            #expect(Set(object.keys) == fields.union(added))
            let limits = object["limits"]?.objectValue?.keys ?? []
            #expect(limits.isEmpty == added.isEmpty)
        }
    }

    @Test func peersAreDescribed() throws {
        let peer = PeerDescription(
            peer: PeerID(trusted: "w"), role: .worker, metadata: PeerMetadata(["tags": ["a"]]),
            connectedAt: Timestamp(microseconds: 1_500_000))
        let page = try PeerQuery([:]).page(of: [peer], bytes: 1000)
        let list = try decoded(SignalingMessage.peerList(for: PeerID(trusted: "p"), page))
        #expect(list["count"] == 1 && list["to_peer_id"] == "p")
        #expect(
            list["peers"] == [
                ["peer_id": "w", "role": "worker", "metadata": ["tags": ["a"]], "connected_at": 1.5]
            ])
        let updated = try decoded(SignalingMessage.metadataUpdated(PeerID(trusted: "w"), peer.metadata))
        #expect(updated["metadata"] == ["tags": ["a"], "properties": [:]])
        let conflict = try decoded(
            SignalingMessage.adminConflict(in: RoomID(trusted: "r"), admin: PeerID(trusted: "p")))
        #expect(conflict == ["type": "admin_conflict", "room_id": "r", "current_admin": "p"])
    }
}
