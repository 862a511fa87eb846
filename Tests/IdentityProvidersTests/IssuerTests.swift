import Cryptography
import Dispatch
import HTTPFetching
import JSONWire
import RoomCore
import RoomService
import ScriptedServing
import Testing

@testable import IdentityProviders

/// Tokens of another issuer, checked by keys that come over a real socket.
@Suite struct IssuerTests {
    @Test(arguments: [false, true])
    func aTokenOfATrustedIssuerNamesItsUser(keysAddress: Bool) async throws {
        let issuer = try IssuerUnderTest(keysAddress: keysAddress)
        let identity = try await issuer.issuers.identity(
            of: issuer.token(), from: issuer.server.url, at: IssuerUnderTest.moment)
        #expect(identity.user == OutsideIdentity.issued(by: issuer.server.url, subject: "s-1"))
        #expect(identity.username == "ann")
        #expect(identity.expiresAt == IssuerUnderTest.moment.advanced(bySeconds: 360))
        #expect(issuer.issuers.trusts(issuer.server.url))
        #expect(!issuer.issuers.trusts(issuer.server.url + "/"))
        #expect(issuer.server.requests.contains { $0.target.hasPrefix("/.well-known") } == !keysAddress)
    }

    @Test(
        arguments: [
            (["/lab/staff", "admins", "admins"], ["/lab/staff", "admins"]), ("staff", ["staff"]), ([], []), (nil, []),
            ([1, "", "ok", ["x"], "\u{7}"], ["ok"]), (["a": "b"], []),
        ] as [(JSONValue?, [String])])
    func theGroupsOfATokenAreItsClaim(_ claim: JSONValue?, _ groups: [String]) async throws {
        for (name, expected) in [("groups", groups), ("cognito:groups", nil), (nil, nil)] as [(String?, [String]?)] {
            let issuer = try IssuerUnderTest(groupsClaim: name)
            let token = try issuer.token(issuer.claims { $0.other["groups"] = claim })
            let identity = try await issuer.issuers.identity(
                of: token, from: issuer.server.url, at: IssuerUnderTest.moment)
            #expect(identity.groups.map { $0.map(\.text).sorted() } == (name == nil ? nil : expected ?? []))
        }
    }

    /// One fetch at a time: were it shared, the second issuer's would come after the first's, which has no end here.
    @Test(.timeLimit(.minutes(1))) func issuersShareNoPlacesToFetchIn() async throws {
        let gate = DispatchSemaphore(value: 0)
        let hung = try ScriptedServer { _ in
            gate.wait()
            return .text(503, "")
        }
        let well = try IssuerUnderTest()
        var patience = IssuerPatience()
        patience.answer = .seconds(600)
        let issuers = OIDCIssuers(
            [
                OIDCIssuerSettings(issuer: hung.url, audience: "lab", keysAddress: hung.url + "/keys"),
                OIDCIssuerSettings(issuer: well.server.url, audience: "lab"),
            ], fetching: FetchSettings(activeLimit: 1), patience: patience, elapsed: { .zero },
            clock: { IssuerUnderTest.moment }, logger: noLogger)
        let stalled = Task { try await issuers.identity(of: "a.b.c", from: hung.url, at: IssuerUnderTest.moment) }
        while hung.requests.isEmpty { await Task.yield() }
        let identity = try await issuers.identity(
            of: well.token(), from: well.server.url, at: IssuerUnderTest.moment)
        #expect(identity.username == "ann")
        gate.signal()
        await #expect(throws: IssuerFault.unavailable) { try await stalled.value }
    }

    @Test func whatATokenMustSayIsChecked() async throws {
        let issuer = try IssuerUnderTest()
        let now = Double(IssuerUnderTest.moment.seconds)
        func outcome(_ change: (inout JWTClaims) -> Void) async throws -> String {
            await issuer.outcome(of: try issuer.token(issuer.claims(change)))
        }
        #expect(try await outcome { $0.audience = ["other"] } == "Invalid audience")
        #expect(try await outcome { $0.audience = [] } == "Invalid audience")
        #expect(try await outcome { $0.audience = ["other", "lab"] } == "ann")
        #expect(try await outcome { $0.issuer = "https://other.example" } == "Invalid issuer")
        #expect(try await outcome { $0.issuer = nil } == "Invalid issuer")
        #expect(try await outcome { $0.expiresAt = nil } == "Missing Expiration Time claim (exp)")
        #expect(try await outcome { $0.expiresAt = now - 60 } == "Signature has expired.")
        #expect(try await outcome { $0.expiresAt = now - 59 } == "ann")
        #expect(try await outcome { $0.notBefore = now + 61 } == "The token is not yet valid (nbf)")
        #expect(try await outcome { $0.notBefore = now + 60 } == "ann")
        #expect(try await outcome { $0.issuedAt = now + 61 } == "The token is not yet valid (iat)")
        #expect(try await outcome { $0.subject = nil } == "Subject must be a string.")
        #expect(try await outcome { $0.subject = "" } == "Subject must be a string.")
    }

    @Test func aCognitoAccessTokenIsForTheClientThatItNames() async throws {
        let issuer = try IssuerUnderTest()
        func outcome(_ client: JSONValue, audience: [String] = []) async throws -> String {
            let claims = issuer.claims {
                $0.audience = audience
                $0.other = ["client_id": client, "token_use": "access"]
                $0.username = "cog"
            }
            return await issuer.outcome(of: try issuer.token(claims))
        }
        #expect(try await outcome("lab") == "cog")
        #expect(try await outcome("other") == "Invalid audience")
        #expect(try await outcome("lab", audience: ["other"]) == "Invalid audience")
    }

    @Test func theFirstNameThatIsThereCounts() async throws {
        let issuer = try IssuerUnderTest()
        func outcome(_ other: JSONObject) async throws -> String {
            await issuer.outcome(of: try issuer.token(issuer.claims { $0.other = other }))
        }
        let all: JSONObject = ["name": "Ann A", "email": "a@x", "cognito:username": "c", "preferred_username": "p"]
        #expect(try await outcome(all) == "p")
        #expect(try await outcome(["name": "Ann A", "email": "a@x", "cognito:username": "c"]) == "c")
        #expect(try await outcome(["name": "Ann A", "email": "a@x"]) == "a@x")
        #expect(try await outcome(["name": " Ann\u{202E}\n A "]) == "Ann A")
        #expect(try await outcome([:]).hasPrefix("oidc-"))
    }

    @Test(arguments: [
        (#"{"alg":"none"}"#, "Unsecured tokens are not allowed"),
        (#"{"alg":"HS256","kid":"one"}"#, "Symmetric alg values are not allowed"),
        (#"{"alg":"RS512","kid":"one"}"#, "The specified alg value is not allowed"),
        (#"{"alg":"ES256","kid":"one"}"#, "The specified alg value is not allowed"),
        (#"{"alg":"RS256","kid":"one","crit":["b64"]}"#, "Critical header parameters (crit) are not supported"),
        (#"{"alg":"RS256","kid":"../one"}"#, "Signing key not found"),
        (#"{"alg":"RS256","kid":"two","jku":"http://127.0.0.1/keys"}"#, "Signing key not found"),
        (#"{"alg":"RS256","kid":"ONE"}"#, "Signing key not found"),
        (#"{"alg":"RS256","kid":["one"]}"#, "Invalid header string: kid must be a string"),
        (#"{"alg":"RS256","kid":"one","typ":"logout+jwt"}"#, "Invalid token type"),
        (#"{"alg":"RS256","kid":"one"}"#, "ann"), (#"{"alg":"RS256"}"#, "ann"),
    ])
    func theHeaderChoosesNeitherAlgorithmNorKeyBeyondThePublishedOnes(header: String, outcome: String) async throws {
        let issuer = try IssuerUnderTest()
        #expect(await issuer.outcome(of: try issuer.forged(header: header)) == outcome)
    }

    @Test func aTokenWithoutAKeyIDIsRefusedWhereTwoKeysFit() async throws {
        let issuer = try IssuerUnderTest()
        issuer.change { $0.keys.append(IssuerUnderTest.keys[1].jwk(keyID: "two")) }
        let token = try issuer.forged(header: #"{"alg":"RS256"}"#)
        #expect(await issuer.outcome(of: token) == "The token must name its key (kid): its issuer has several")
    }

    @Test func anotherKeysSignatureUnderAKnownKeyIDIsRefused() async throws {
        let issuer = try IssuerUnderTest()
        #expect(await issuer.outcome(of: try issuer.token(key: 1)) == "Signature verification failed.")
    }

    @Test func aDiscoveryDocumentOfAnotherIssuerIsNotBelieved() async throws {
        let issuer = try IssuerUnderTest()
        issuer.change { $0.manner = .namingAnother }
        #expect(await issuer.outcome(of: try issuer.token()) == "unavailable")
        #expect(issuer.keyFetches == 0)
    }

    @Test func keysAreOnlyTakenFromTrustworthyAddresses() {
        for good in ["https://a.example", "http://127.0.0.1:9/x", "http://localhost", "http://[::1]:1"] {
            #expect(OIDCIssuerSettings.isTrustworthy(good), "\(good)")
        }
        for bad in ["http://a.example", "http://127.0.0.1.evil.example", "http://localhost@evil.example", "file:///x"] {
            #expect(!OIDCIssuerSettings.isTrustworthy(bad), "\(bad)")
        }
    }
}
