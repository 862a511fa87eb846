import Cryptography
import EmbeddedStorage
import JSONWire
import RoomCore
import RoomStorage
import Testing

@testable import RoomService

/// The way of a browser to a provider and back.
@Suite struct BrowserLoginTests {
    /// A provider that lets everyone in whose journey is whole: what a code is worth is tested where providers are.
    private struct Provider: CodeProvider {
        let slug: String
        let title = "Provider"

        func address(for journey: LoginJourney) async throws -> String {
            "https://provider.example/?state=\(journey.state)"
        }

        func identity(for code: String, on journey: LoginJourney?) async throws -> OutsideIdentity {
            guard let journey, journey.nonce.count == 32, journey.verifier.count == 43, code == "good" else {
                throw ProviderFault.refused("not good")
            }
            return OutsideIdentity(user: UserID(trusted: "42"), username: "octo")
        }
    }

    private struct Bench {
        let logins: BrowserLogins
        let desk: LoginDesk
        let state: LoginState
        let clock: TestClock
        let service: Service
        let store: InProcessHandovers
    }

    private func bench() async throws -> Bench {
        let service = try await Service()
        let store = InProcessHandovers(elapsed: { .microseconds(service.clock.now.microseconds) })
        let desk = LoginDesk(service.accounts, store: store)
        let logins = BrowserLogins(
            [Provider(slug: "one"), Provider(slug: "two")], accounts: service.accounts, desk: desk, store: store)
        return Bench(
            logins: logins, desk: desk, state: try #require(LoginState("0123456789abcdef")), clock: service.clock,
            service: service,
            store: store)
    }

    private func depart(_ bench: Bench) async throws -> (state: String, cookie: String) {
        let departure = try await bench.logins.begin(
            with: "one", for: bench.state.place, returningTo: "https://here/return")
        return (String(try #require(departure.address.split(separator: "=").last)), departure.cookie)
    }

    @Test func whoComesBackInTheSameBrowserIsLeftAtTheDeskOnce() async throws {
        let bench = try await bench()
        let (state, cookie) = try await depart(bench)
        try await bench.logins.finish(with: "one", state: state, code: "good", cookie: cookie)
        #expect(try await bench.desk.collect(bench.state) != nil)
        await #expect(throws: BrowserLogins.Fault.lost) {
            try await bench.logins.finish(with: "one", state: state, code: "good", cookie: cookie)
        }
    }

    @Test func anotherBrowserOrProviderOrAnInventedStateLeadsNowhere() async throws {
        let bench = try await bench()
        for (slug, cookie) in [("one", nil), ("one", "invented"), ("two", "own")] {
            let (state, own) = try await depart(bench)
            await #expect(throws: BrowserLogins.Fault.otherBrowser) {
                try await bench.logins.finish(
                    with: slug, state: state, code: "good", cookie: cookie == "own" ? own : cookie)
            }
        }
        await #expect(throws: BrowserLogins.Fault.lost) {
            try await bench.logins.finish(with: "one", state: "invented", code: "good", cookie: "c")
        }
        await #expect(throws: BrowserLogins.Fault.noSuchProvider) {
            try await bench.logins.begin(with: "three", for: bench.state.place, returningTo: "")
        }
        #expect(try await bench.desk.collect(bench.state) == nil)
    }

    @Test func theStoreLearnsNeitherTheStateNorWhatIsLeftForIt() async throws {
        let bench = try await bench()
        let (state, cookie) = try await depart(bench)
        let ticket = HandoverKey(kind: "login-journey", name: SHA256.hex(state))
        let kept = String(decoding: try #require(try await bench.store.load(ticket)), as: UTF8.self)
        try await bench.logins.finish(with: "one", state: state, code: "good", cookie: cookie)
        let left = HandoverKey(kind: "cli-login", name: SHA256.hex(bench.state.text))
        let login = String(decoding: try #require(try await bench.store.load(left)), as: UTF8.self)
        for text in [kept, login] {
            for word in [bench.state.text, bench.state.hash, cookie, "provider", "jwt", "slp_acct_", "octo"] {
                #expect(!text.contains(word), "\(word)")
            }
        }
        let collected = try #require(try await bench.desk.collect(bench.state))
        #expect(String(decoding: collected, as: UTF8.self).contains("slp_acct_"))
    }

    @Test func theKeyOfALoginThatCannotBeLeftEnds() async throws {
        let bench = try await bench()
        let (state, cookie) = try await depart(bench)
        let ann = try await bench.service.starter()
        try await bench.desk.deposit(jwt: ann.jwt, user: [:], accountKey: nil, for: bench.state)
        await #expect(throws: LoginDesk.Fault.taken) {
            try await bench.logins.finish(with: "one", state: state, code: "good", cookie: cookie)
        }
        let user = UserID(trusted: "42")
        #expect(try await bench.service.record.user(user) != nil)
        #expect(try await bench.service.record.accountKeys(of: user).isEmpty)
    }

    @Test func whatWasChangedInTheStoreIsNoLogin() async throws {
        let bench = try await bench()
        let (state, cookie) = try await depart(bench)
        try await bench.logins.finish(with: "one", state: state, code: "good", cookie: cookie)
        let place = bench.state.place.key
        try await bench.store.put(Array(#"{"jwt":"x"}"#.utf8), at: place, for: .seconds(60))
        await #expect(throws: StoreError.self) { try await bench.desk.collect(bench.state) }
    }

    @Test func aJourneyLastsTenMinutes() async throws {
        let bench = try await bench()
        let (state, cookie) = try await depart(bench)
        bench.clock.advance(seconds: 600)
        await #expect(throws: BrowserLogins.Fault.lost) {
            try await bench.logins.finish(with: "one", state: state, code: "good", cookie: cookie)
        }
    }
}
