import EmbeddedStorage
import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// Logins that others vouch for, and the desk where a program finds its own.
@Suite struct LoginTests {
    private static let state = "0123456789abcdef"

    private func desk(_ service: Service) -> LoginDesk {
        LoginDesk(
            service.accounts, store: InProcessHandovers(elapsed: { .microseconds(service.clock.now.microseconds) }))
    }

    private func state(_ text: String = state) throws -> LoginState { try #require(LoginState(text)) }

    private func collected(_ desk: LoginDesk, _ state: LoginState) async throws -> JSONObject? {
        try await desk.collect(state).map { try JSONValue.parse($0, maxDepth: 8).objectValue ?? [:] }
    }

    @Test func outsideIdsNeverMeetEachOtherOrOurs() async throws {
        let one = OutsideIdentity.issued(by: "https://a", subject: "b")
        #expect(one != OutsideIdentity.issued(by: "https://ab", subject: ""))
        #expect(one == OutsideIdentity.issued(by: "https://a", subject: "b"))
        #expect(one.text.hasPrefix("oidc-") && one.text.utf8.count == 37)
        #expect(OutsideIdentity.gitHub(583_231)?.text == "583231")
        #expect(OutsideIdentity.gitHub(0) == nil && OutsideIdentity.gitHub(1_000_000_000_000_000) == nil)
        let ours = try await Service().starter().user.id.text
        #expect(ours.utf8.count == 16)
    }

    @Test func aNameThatIsTakenLeadsIntoNobodysAccount() async throws {
        let service = try await Service()
        let ann = try await service.starter("ann")
        let stranger = OutsideIdentity(user: OutsideIdentity.issued(by: "https://a", subject: "1"), username: "ann")
        let grant = try await service.accounts.logIn(stranger)
        #expect(grant.user.id == stranger.user && grant.user.id != ann.user.id)
        #expect(grant.user.username.hasPrefix("ann-"))
        let again = try await service.accounts.logIn(stranger)
        #expect(again.user == grant.user)
    }

    @Test func anAccountKeyComesWithTheFirstLoginAlone() async throws {
        let service = try await Service()
        let identity = OutsideIdentity(user: UserID(trusted: "42"), username: "octo", avatarURL: "https://a/o.png")
        let first = try await service.accounts.logIn(identity)
        #expect(try await service.accounts.user(bearer: try #require(first.accountKey))?.id == identity.user)
        #expect(try await service.accounts.user(bearer: first.jwt)?.username == "octo")
        #expect(try await service.accounts.logIn(identity).accountKey == nil)
        #expect(try await service.record.accountKeys(of: identity.user).map(\.name) == ["default"])
        for _ in 0..<2 {
            try await service.accounts.revokeAccountKey(try #require(first.accountKey), by: identity.user)
        }
        #expect(try await service.record.accountKeys(of: identity.user).isEmpty)
        #expect(try await service.accounts.logIn(identity).accountKey == nil)
    }

    @Test func anAccountKeyBuysAJWTAndAJWTStaysAsItIs() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let byKey = try #require(try await service.accounts.logIn(bearer: ann.accountKey))
        #expect(try await service.accounts.user(bearer: byKey.jwt)?.id == ann.user.id)
        #expect(try await service.accounts.logIn(bearer: ann.jwt)?.jwt == ann.jwt)
        #expect(try await service.accounts.logIn(bearer: ann.workerToken ?? "") == nil)
        #expect(try await service.accounts.logIn(bearer: "") == nil)
    }

    @Test func aLoginIsTakenAwayOnceAndWithinFiveMinutes() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let desk = desk(service)
        try await desk.deposit(
            jwt: ann.jwt, user: ["username": "eve", "avatar_url": "https://a/x.png"], accountKey: ann.accountKey,
            for: state())
        let login = try #require(try await collected(desk, state()))
        #expect(login["jwt"]?.stringValue == ann.jwt && login["account_key"]?.stringValue == ann.accountKey)
        let user = login["user"]?.objectValue
        #expect(user?["user_id"]?.stringValue == ann.user.id.text && user?["id"] == user?["user_id"])
        #expect(user?["username"]?.stringValue == "ann")
        #expect(user?["avatar_url"]?.stringValue == "https://a/x.png")
        #expect(try await collected(desk, state()) == nil)
        try await desk.deposit(jwt: ann.jwt, user: [:], accountKey: nil, for: state())
        service.clock.advance(seconds: 300)
        #expect(try await collected(desk, state()) == nil)
    }

    @Test func nobodyLeavesAnothersIdentity() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let eve = try await service.starter("eve", room: "den")
        let desk = desk(service)
        func outcome(_ jwt: String, _ user: JSONObject = [:], _ key: String? = nil) async throws -> LoginDesk.Fault? {
            do {
                try await desk.deposit(jwt: jwt, user: user, accountKey: key, for: state())
                return nil
            } catch let fault as LoginDesk.Fault {
                return fault
            }
        }
        #expect(try await outcome("a.b.c") == .badCredential)
        #expect(try await outcome(ann.accountKey) == .badCredential)
        for user: JSONObject in [["user_id": .string(ann.user.id.text)], ["id": 7], ["user_id": []]] {
            #expect(try await outcome(eve.jwt, user) == .mismatch("The user is not the one that the JWT names"))
        }
        for key in [ann.accountKey, "slp_acct_invented", eve.workerToken ?? "", eve.jwt] {
            #expect(
                try await outcome(eve.jwt, [:], key)
                    == .mismatch("The account key is not of the user that the JWT names"))
        }
        #expect(try await collected(desk, state()) == nil)
    }

    @Test func theFirstLoginThatIsLeftCounts() async throws {
        let service = try await Service()
        let ann = try await service.starter()
        let eve = try await service.starter("eve", room: "den")
        let desk = desk(service)
        try await desk.deposit(jwt: ann.jwt, user: [:], accountKey: nil, for: state())
        try await desk.deposit(jwt: ann.jwt, user: [:], accountKey: nil, for: state())
        await #expect(throws: LoginDesk.Fault.taken) {
            try await desk.deposit(jwt: eve.jwt, user: [:], accountKey: nil, for: state())
        }
        #expect(try await collected(desk, state())?["jwt"]?.stringValue == ann.jwt)
    }

    @Test func statesAreLongEnoughAndBounded() {
        for bad in ["", "0123456789abcde", String(repeating: "a", count: 257), "0123456789abcde/", "0123456789abcde\""]
        {
            #expect(LoginState(bad) == nil, "\(bad)")
        }
        #expect(LoginState("0123456789-_.~AZaz") != nil)
    }
}
