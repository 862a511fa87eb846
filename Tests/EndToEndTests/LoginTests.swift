import Cryptography
import EventLoops
import Foundation
import JSONWire
import RoomClient
import ScriptedServing
import Testing

/// Who logs in, how a program gets its login, and what pages of other origins may do: over the built program.
@Suite struct LoginTests {
    private static let state = "state-of-a-test-0123456789"

    @Test func aBrowserLogsAProgramInThroughARealProvider() async throws {
        let provider = try Provider()
        let server = BuiltServer(environment: [
            "SLEAP_ROOMS_OIDC_ISSUERS": provider.url, "SLEAP_ROOMS_OIDC_AUDIENCE": "lab",
            "SLEAP_ROOMS_OIDC_CLIENT_SECRET": "any",
        ])
        try server.start()
        let poll = "/api/auth/cli/poll?state=\(Self.state)"
        #expect(try await server.ask("GET", poll).status == 202)
        let browser = try provider.browser("log-in", server.http, Self.state, "ann@lab.example")
        #expect(browser.status == 0, "\(browser.errors) \(server.log)")

        let login = try await server.ask("GET", poll)
        #expect(login.status == 200)
        let user = login.body["user"]?.objectValue
        #expect(user?["username"]?.stringValue == "ann@lab.example")
        #expect(login.body["account_key"]?.stringValue?.hasPrefix("slp_acct_") == true)
        let pending = try await server.ask("GET", poll)
        #expect(pending.status == 202 && pending.body == ["status": "pending"])

        let jwt = try #require(login.body["jwt"]?.stringValue)
        let starter = try server.bootstrap(user: "ann@lab.example", worker: nil)
        #expect(user?["user_id"]?.stringValue == starter.user_id)
        let idToken = try self.idToken(of: provider, for: "lab")
        try await withLoops { group in
            for token in [jwt, idToken] {
                let peer = try await RoomConnection.open(
                    server.settings(.jwt(token, room: starter.room_id)), on: group.next())
                await peer.close()
            }
        }
        #expect(try await makeKey(on: server, bearer: idToken).status == 200)
        let foreign = try self.idToken(of: provider, for: "another-client")
        #expect(try await makeKey(on: server, bearer: foreign).status == 401)
        #expect(!server.log.contains(jwt) && !server.log.contains(Self.state))
    }

    private func idToken(of provider: Provider, for client: String) throws -> String {
        let run = try provider.browser("id-token", provider.url, client, "ann@lab.example")
        #expect(run.status == 0, "\(run.errors)")
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func makeKey(on server: BuiltServer, bearer: String) async throws -> BuiltServer.Answer {
        try await server.ask("POST", "/api/auth/account-keys", bearer: bearer, body: ["name": "k"])
    }

    @Test func anIssuerThatHangsDelaysItsOwnTokensAlone() async throws {
        let issuer = try ScriptedServer { _ in ScriptedReply(raw: [], afterwards: .hang) }
        let server = BuiltServer(environment: [
            "SLEAP_ROOMS_OIDC_ISSUERS": "\(issuer.url)=\(issuer.url)/keys", "SLEAP_ROOMS_OIDC_AUDIENCE": "lab",
            "SLEAP_ROOMS_LOOPS": "1",
        ])
        let starter = try server.bootstrap()
        try server.start()
        let token = try JSONWebToken.sign(
            claims: JWTClaims(subject: "s", issuer: issuer.url, audience: ["lab"], expiresAt: 4e9),
            key: RSAKey.generate())
        let keys = server.http + "/api/auth/account-keys"
        async let stalled = FileClient.ask(
            "POST", keys, body: Array(#"{"name":"k"}"#.utf8), headers: ["Authorization": "Bearer \(token)"])
        try await eventually("the issuer is asked") { !issuer.requests.isEmpty }
        try await withLoops { group in
            for credential in [
                ClientSettings.Credential.accountKey(starter.account_key, room: starter.room_id),
                .jwt(starter.jwt, room: starter.room_id), .workerToken(try #require(starter.worker_token)),
            ] {
                let peer = try await RoomConnection.open(server.settings(credential), on: group.next())
                await peer.close()
            }
        }
        #expect(issuer.requests.count == 1)
        let answer = try await stalled
        #expect(answer.status == 503)
        #expect(String(decoding: answer.bytes, as: UTF8.self).contains("issuer of this token"))
    }

    @Test func aProgramFindsTheLoginThatWasLeftForItAndNothingElse() async throws {
        let server = BuiltServer()
        let ann = try server.bootstrap()
        let eve = try server.bootstrap(user: "eve", room: "den")
        try server.start()
        func deposit(_ body: JSONObject) async throws -> String {
            let answer = try await server.ask("POST", "/api/auth/cli/deposit", body: body)
            #expect(answer.body["detail"] == answer.body["error"])
            return "\(answer.status) \((answer.body["detail"] ?? answer.body["status"])?.stringValue ?? "")"
        }
        func poll(_ query: String) async throws -> String {
            let answer = try await server.ask("GET", "/api/auth/cli/poll" + query)
            return "\(answer.status) \((answer.body["detail"] ?? answer.body["status"])?.stringValue ?? "")"
        }
        let good: JSONObject = ["state": .string(Self.state), "jwt": .string(ann.jwt), "user": [:]]
        var short = good
        short["state"] = "short"
        #expect(try await deposit(short) == "400 Invalid state format")
        #expect(try await deposit(["state": .string(Self.state), "jwt": "a.b.c"]) == "401 Invalid or expired token")
        #expect(try await deposit(["state": .string(Self.state)]).hasPrefix("422 "))
        var planted = good
        planted["account_key"] = .string(eve.account_key)
        #expect(try await deposit(planted) == "400 The account key is not of the user that the JWT names")
        #expect(try await poll("") == "400 Missing state parameter")
        #expect(try await poll("?state=short") == "400 Invalid state format")
        #expect(try await poll("?state=\(Self.state)") == "202 pending")
        #expect(try await deposit(good) == "200 ok")
        var late = good
        late["jwt"] = .string(eve.jwt)
        #expect(try await deposit(late).hasPrefix("409 "))
        let login = try await server.ask("GET", "/api/auth/cli/poll?state=\(Self.state)")
        #expect(login.body["jwt"]?.stringValue == ann.jwt)
        #expect(try await poll("?state=\(Self.state)") == "202 pending")
    }

    /// Behind a proxy a stranger has the address that everybody has.
    @Test func whoAsksTooOftenForOneLoginStopsNoOther() async throws {
        let server = BuiltServer()
        try server.start()
        func deposit(_ state: String) async throws -> Int {
            try await server.ask("POST", "/api/auth/cli/deposit", body: ["state": .string(state), "jwt": "a.b.c"])
                .status
        }
        func poll(_ state: String) async throws -> Int {
            try await server.ask("GET", "/api/auth/cli/poll?state=\(state)").status
        }
        var statuses: Set<Int> = []
        for _ in 0..<1000 where !statuses.contains(429) { statuses.insert(try await deposit(Self.state)) }
        #expect(statuses == [401, 429])
        #expect(try await deposit("another-\(Self.state)") == 401)
        #expect(try await poll(Self.state) == 202)
    }

    @Test func theLoginPageTakesAnAccountKeyAndRunsNothing() async throws {
        let server = BuiltServer()
        let ann = try server.bootstrap()
        try server.start()
        let page = try await FileClient.ask("GET", "\(server.http)/login?cli=true&cli_state=\(Self.state)")
        #expect(page.status == 200 && page.text.contains("value=\"\(Self.state)\""))
        #expect(
            page.headers["content-security-policy"]
                == "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
        #expect(!page.text.contains("<script") && !page.text.contains("style="))
        #expect(page.headers["cache-control"] == "no-store")
        let quoted = try await FileClient.ask("GET", "\(server.http)/login?cli_state=%22%3E%3Cscript%3E0123456789")
        #expect(quoted.status == 400 && !quoted.text.contains("<script"))

        func send(_ credential: String, origin: String) async throws -> FileAnswer {
            try await FileClient.ask(
                "POST", "\(server.http)/login",
                body: Array("cli_state=\(Self.state)&credential=\(credential)".utf8), headers: ["Origin": origin])
        }
        #expect(try await send(ann.account_key, origin: "https://evil.example").status == 403)
        #expect(try await send("slp_acct_invented", origin: server.http).status == 401)
        let done = try await send(ann.account_key, origin: server.http)
        #expect(done.status == 200 && done.text.contains("Logged in"))
        let login = try await server.ask("GET", "/api/auth/cli/poll?state=\(Self.state)")
        let jwt = try #require(login.body["jwt"]?.stringValue)
        #expect(login.body["user"]?.objectValue?["user_id"]?.stringValue == ann.user_id)
        #expect(login.body["account_key"] == nil)
        #expect(try await makeKey(on: server, bearer: jwt).status == 200)
    }

    /// A page elsewhere could else send a browser to a provider, where its person is logged in, and collect the login.
    @Test func noBrowserIsSentToAProviderThatHasNotBeenShownThePage() async throws {
        let server = BuiltServer(environment: [
            "SLEAP_ROOMS_GITHUB_CLIENT_ID": "client", "SLEAP_ROOMS_GITHUB_CLIENT_SECRET": "gh-secret",
        ])
        try server.start()
        func depart(_ state: String, cookie: String?) throws -> (status: String, text: String) {
            let field = cookie.map { ["-H", "Cookie: other=1; \($0)"] } ?? []
            let run = try Command.run(
                "/usr/bin/env",
                ["curl", "-s", "-i", "\(server.http)/login/with/github?cli_state=\(state)"] + field)
            return (run.output.split(separator: " ").dropFirst().first.map(String.init) ?? "", run.output)
        }
        let page = try await FileClient.ask("GET", "\(server.http)/login?cli_state=\(Self.state)")
        let line = try #require(page.headers["set-cookie"])
        let cookie = "sleap-rooms-page=\(SHA256.hex(Self.state))"
        #expect(line == "\(cookie); Path=/login; Max-Age=600; HttpOnly; SameSite=Strict")
        for foreign in [nil, "sleap-rooms-page=", "sleap-rooms-page=\(SHA256.hex("another-state-012345"))"] {
            let answer = try depart(Self.state, cookie: foreign)
            #expect(answer.status == "200" && answer.text.contains("close the page"), "\(answer.text)")
            #expect(!answer.text.contains("sleap-rooms-login") && !answer.text.lowercased().contains("location:"))
        }
        let own = try depart(Self.state, cookie: cookie)
        #expect(own.status == "303" && own.text.contains("https://github.com/login/oauth/authorize?"), "\(own.text)")
    }

    @Test func gitHubsCallbackAnswersAsClientsKnowIt() async throws {
        let gitHub = try ScriptedServer { request in
            let body = String(decoding: request.body, as: UTF8.self)
            if request.target == "/user" {
                return .text(200, #"{"id":583231,"login":"octocat","avatar_url":"https://a.example/u"}"#)
            }
            if body.contains("code=good") { return .text(200, #"{"access_token":"gho_verysecret"}"#) }
            if body.contains("code=empty") { return .text(200, "{}") }
            if body.contains("code=away") { return .text(502, "") }
            return .text(200, #"{"error":"bad_verification_code","error_description":"The code is incorrect."}"#)
        }
        let server = BuiltServer(environment: [
            "SLEAP_ROOMS_GITHUB_CLIENT_ID": "client", "SLEAP_ROOMS_GITHUB_CLIENT_SECRET": "gh-secret",
            "SLEAP_ROOMS_GITHUB_URL": gitHub.url, "SLEAP_ROOMS_GITHUB_API_URL": gitHub.url,
            "SLEAP_ROOMS_LOG_LEVEL": "trace",
        ])
        try server.start()
        func callback(_ code: String) async throws -> BuiltServer.Answer {
            try await server.ask(
                "POST", "/api/auth/github/callback", body: ["code": .string(code), "redirect_uri": "https://d/cb"])
        }
        let first = try await callback("good")
        #expect(first.status == 200)
        #expect(first.body["token"] != nil && first.body["token"] == first.body["jwt"])
        #expect(
            first.body["user"]
                == .object([
                    "user_id": "583231", "id": "583231", "username": "octocat", "avatar_url": "https://a.example/u",
                ]))
        #expect(first.body["account_key"]?.stringValue?.hasPrefix("slp_acct_") == true)
        let second = try await callback("good")
        #expect(second.status == 200 && second.body["account_key"] == nil)
        let wrong = try await callback("wrong")
        #expect(wrong.status == 400)
        #expect(wrong.body["detail"]?.stringValue == "GitHub OAuth error: The code is incorrect.")
        let empty = try await callback("empty")
        #expect(empty.status == 400 && empty.body["error"]?.stringValue == "No access token received from GitHub")
        #expect(try await callback("away").status == 503)
        let fault = server.log.split(separator: "\n").filter { $0.contains("login provider") }
        #expect(fault.count == 1 && fault[0].contains("127.0.0.1:\(gitHub.port)") && fault[0].contains("502"))
        for secret in ["gho_verysecret", "gh-secret", first.body["token"]?.stringValue ?? "?"] {
            #expect(!server.log.contains(secret))
        }
    }

    @Test func withoutAnOAuthAppGitHubsCallbackSaysSo() async throws {
        let server = BuiltServer()
        try server.start()
        let answer = try await server.ask("POST", "/api/auth/github/callback", body: ["code": "c"])
        #expect(answer.status == 500)
        #expect(answer.body == ["detail": "GitHub OAuth not configured", "error": "GitHub OAuth not configured"])
    }

    @Test func webSocketsOfForeignPagesAreRefusedAndThoseOfProgramsAreNot() throws {
        let server = BuiltServer(environment: ["SLEAP_ROOMS_ALLOWED_ORIGINS": "https://lab.example"])
        try server.start()
        let script = """
            import sys, websockets.sync.client as c
            for origin in (None, "https://lab.example", "http://\(server.address)", "https://evil.example", "null"):
                try:
                    c.connect(sys.argv[1], origin=origin).close()
                    print(101)
                except Exception as error:
                    print(error.response.status_code)
            """
        let run = try Command.run(Provider.python, ["-c", script, server.ws])
        #expect(run.output.split(separator: "\n") == ["101", "101", "101", "403", "403"], "\(run.errors)")
    }

    @Test(arguments: [
        (["SLEAP_ROOMS_OIDC_ISSUERS": "https://a.example"], "SLEAP_ROOMS_OIDC_AUDIENCE"),
        (["SLEAP_ROOMS_OIDC_ISSUERS": "http://a.example", "SLEAP_ROOMS_OIDC_AUDIENCE": "x"], "OIDC_ISSUERS"),
        (["SLEAP_ROOMS_OIDC_ISSUERS": "https://a=http://b", "SLEAP_ROOMS_OIDC_AUDIENCE": "x"], "OIDC_ISSUERS"),
        (["SLEAP_ROOMS_OIDC_ISSUERS": "https://a,https://a", "SLEAP_ROOMS_OIDC_AUDIENCE": "x"], "each issuer once"),
        (
            ["SLEAP_ROOMS_OIDC_ISSUERS": "https://a,https://b,https://c", "SLEAP_ROOMS_OIDC_AUDIENCE": "x,y"],
            "AUDIENCE"
        ),
        (["SLEAP_ROOMS_GITHUB_CLIENT_ID": "x"], "SLEAP_ROOMS_GITHUB_CLIENT_SECRET"),
        (["SLEAP_ROOMS_ALLOWED_ORIGINS": "https://a.example/path"], "SLEAP_ROOMS_ALLOWED_ORIGINS"),
    ])
    func aLoginSettingThatCannotBeUsedIsNamed(environment: [String: String], mention: String) throws {
        let run = try Command.run(
            BuiltServer.binary, ["serve", "--data", TemporaryDirectory().path("data"), "--listen", "127.0.0.1:0"],
            environment: environment)
        #expect(run.status == 78)
        #expect(run.errors.contains(mention), "\(run.errors)")
    }
}
