import Cryptography
import HTTPFetching
import JSONWire
import RoomService
import ScriptedServing
import Testing

@testable import IdentityProviders

/// Logging in by GitHub, against a server that answers as GitHub does and as it should not.
@Suite struct GitHubLoginTests {
    private static let token = #"{"access_token":"gho_secret","token_type":"bearer"}"#
    private static let user = #"{"id":583231,"login":"octocat","avatar_url":"https://a.example/u/583231"}"#

    private func login(
        token: (Int, String) = (200, token), user: (Int, String) = (200, user)
    ) throws -> (GitHubLogin, ScriptedServer) {
        let server = try ScriptedServer { request in
            request.target == "/login/oauth/access_token" ? .text(token.0, token.1) : .text(user.0, user.1)
        }
        var settings = GitHubSettings(clientID: "client", clientSecret: "s3cr&t")
        settings.url = server.url
        settings.apiURL = server.url + "/api/v3"
        return (GitHubLogin(settings, fetcher: HTTPFetcher(), logger: noLogger), server)
    }

    private func outcome(_ login: GitHubLogin) async -> String {
        do {
            return try await login.identity(for: "c0de", on: nil).username
        } catch ProviderFault.refused(let text) {
            return text
        } catch {
            return "\(error)"
        }
    }

    @Test func theOwnerOfTheAccessTokenIsTheUser() async throws {
        let (login, server) = try login()
        let journey = LoginJourney(state: "", nonce: "", verifier: "v", returnAddress: "https://here/?a=b")
        let identity = try await login.identity(for: "c0de", on: journey)
        #expect(identity.user.text == "583231" && identity.username == "octocat")
        #expect(identity.avatarURL == "https://a.example/u/583231")
        let exchange = try #require(server.requests.first)
        #expect(
            String(decoding: exchange.body, as: UTF8.self)
                == "client_id=client&client_secret=s3cr%26t&code=c0de&redirect_uri=https%3A%2F%2Fhere%2F%3Fa%3Db"
                + "&code_verifier=v")
        #expect(exchange.headers["accept"] == "application/json")
        #expect(server.requests.last?.target == "/api/v3/user")
        #expect(server.requests.last?.headers["authorization"] == "Bearer gho_secret")
    }

    @Test(arguments: [
        (
            #"{"error":"bad_verification_code","error_description":"The code is incorrect."}"#,
            "GitHub OAuth error: The code is incorrect."
        ),
        (#"{"error":"bad_verification_code"}"#, "GitHub OAuth error: bad_verification_code"),
        ("{}", "No access token received from GitHub"), ("<html>", "No access token received from GitHub"),
        (#"{"access_token":"a b"}"#, "No access token received from GitHub"),
        (#"{"access_token":7}"#, "No access token received from GitHub"),
    ])
    func aCodeThatGitHubDoesNotTakeIsRefusedInItsWords(answer: String, text: String) async throws {
        let (login, server) = try login(token: (200, answer))
        #expect(await outcome(login) == text)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        (401, "{}"), (200, "{}"), (200, #"{"id":"1","login":"x"}"#), (200, #"{"id":0,"login":"x"}"#),
        (200, #"{"id":1}"#), (200, #"{"id":1000000000000000,"login":"x"}"#),
    ])
    func anOwnerThatCannotBeReadIsRefused(status: Int, body: String) async throws {
        #expect(await outcome(try login(user: (status, body)).0) == "Failed to fetch GitHub user info")
    }

    @Test func gitHubBeingAwayIsNoRefusal() async throws {
        #expect(await outcome(try login(token: (502, "")).0) == "unavailable")
        #expect(await outcome(try login(user: (429, "")).0) == "unavailable")
        let (login, server) = try login()
        server.stop()
        #expect(await outcome(login) == "unavailable")
    }

    @Test func theBrowserIsSentWithStateAndChallenge() async throws {
        let journey = LoginJourney(state: "st", nonce: "n", verifier: "v", returnAddress: "https://here/r")
        let challenge = Base64URL.encode(SHA256.digest(Array("v".utf8)))
        let (login, server) = try login()
        #expect(
            try await login.address(for: journey)
                == "\(server.url)/login/oauth/authorize?client_id=client&redirect_uri=https%3A%2F%2Fhere%2Fr"
                + "&scope=read%3Auser&state=st&code_challenge=\(challenge)&code_challenge_method=S256")
    }
}
