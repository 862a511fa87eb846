import Cryptography
import HTTPFetching
import JSONWire
import RoomService
import ScriptedServing
import Synchronization
import Testing

@testable import IdentityProviders

/// The code flow of an issuer, where the token endpoint answers what a test says.
@Suite struct CodeFlowTests {
    private final class Box: Sendable {
        private let answer = Mutex("{}")
        var text: String {
            get { answer.withLock { $0 } }
            set { answer.withLock { $0 = newValue } }
        }
    }

    private static let journey = LoginJourney(
        state: "st", nonce: "n0nce", verifier: "ver", returnAddress: "https://h/r")

    private func issuer(_ box: Box) throws -> (any CodeProvider, ScriptedServer) {
        let key = IssuerUnderTest.keys[0].jwk(keyID: "one")
        let server = try ScriptedServer { request in
            let base = "http://\(request.headers["host"] ?? "")"
            switch request.target {
            case "/keys": return ScriptedReply(200, body: JSONValue.object(["keys": [.object(key)]]).encoded())
            case "/token": return .text(200, box.text)
            default:
                return .text(
                    200,
                    #"{"issuer":"\#(base)","jwks_uri":"\#(base)/keys","token_endpoint":"\#(base)/token","#
                        + #""authorization_endpoint":"\#(base)/door?x=1"}"#)
            }
        }
        let settings = OIDCIssuerSettings(issuer: server.url, audience: "lab", clientSecret: "shh")
        let issuers = OIDCIssuers(
            [settings], fetching: FetchSettings(), elapsed: { .zero }, clock: { IssuerUnderTest.moment },
            logger: noLogger)
        return (try #require(issuers.codeProviders.first), server)
    }

    private func token(of server: ScriptedServer, nonce: JSONValue?) throws -> String {
        var claims = JWTClaims(
            subject: "s", issuer: server.url, audience: ["lab"], expiresAt: Double(IssuerUnderTest.moment.seconds + 9),
            other: ["email": "ann@lab.example"])
        claims.other["nonce"] = nonce
        return try JSONWebToken.sign(claims: claims, key: IssuerUnderTest.keys[0], keyID: "one")
    }

    @Test func anIssuerWithoutADiscoveryDocumentIsNoPlaceToLogIn() {
        let issuers = OIDCIssuers(
            [
                OIDCIssuerSettings(issuer: "https://a", audience: "lab", keysAddress: "https://a/keys"),
                OIDCIssuerSettings(issuer: "https://b", audience: "lab"),
            ], fetching: FetchSettings(), elapsed: { .zero }, clock: { IssuerUnderTest.moment }, logger: noLogger)
        #expect(issuers.codeProviders.map(\.slug) == ["oidc-2"])
        #expect(issuers.trusts("https://a"))
    }

    @Test func theBrowserIsSentWithStateNonceAndChallenge() async throws {
        let (provider, server) = try issuer(Box())
        let challenge = Base64URL.encode(SHA256.digest(Array("ver".utf8)))
        #expect(
            try await provider.address(for: Self.journey)
                == "\(server.url)/door?x=1&response_type=code&client_id=lab&redirect_uri=https%3A%2F%2Fh%2Fr"
                + "&scope=openid%20profile%20email&state=st&nonce=n0nce&code_challenge=\(challenge)"
                + "&code_challenge_method=S256")
        #expect(provider.slug == "oidc-1" && provider.title == "127.0.0.1:\(server.port)")
    }

    @Test func theCodeIsChangedWithItsVerifierForTheUser() async throws {
        let box = Box()
        let (provider, server) = try issuer(box)
        box.text = #"{"id_token":"\#(try token(of: server, nonce: "n0nce"))"}"#
        #expect(try await provider.identity(for: "c", on: Self.journey).username == "ann@lab.example")
        let exchange = try #require(server.requests.first { $0.target == "/token" })
        #expect(
            String(decoding: exchange.body, as: UTF8.self)
                == "grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fh%2Fr&client_id=lab"
                + "&code_verifier=ver&client_secret=shh")
    }

    @Test func anIDTokenOfAnotherLoginIsRefused() async throws {
        let box = Box()
        let (provider, server) = try issuer(box)
        for nonce: JSONValue? in [nil, "other", 7] {
            box.text = #"{"id_token":"\#(try token(of: server, nonce: nonce))"}"#
            let fault = ProviderFault.refused("The ID token of \(provider.title) is of another login")
            await #expect(throws: fault) { try await provider.identity(for: "c", on: Self.journey) }
        }
    }

    @Test func aCodeThatIsNotTakenIsRefusedInTheIssuersWords() async throws {
        let box = Box()
        box.text = #"{"error":"invalid_grant"}"#
        let (provider, _) = try issuer(box)
        await #expect(throws: ProviderFault.refused("\(provider.title) gave no ID token: invalid_grant")) {
            try await provider.identity(for: "c", on: Self.journey)
        }
    }
}
