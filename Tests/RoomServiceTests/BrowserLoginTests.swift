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
    }

    private func bench() async throws -> Bench {
        let service = try await Service()
        let store = InProcessHandovers(elapsed: { .microseconds(service.clock.now.microseconds) })
        let desk = LoginDesk(service.accounts, store: store)
        let logins = BrowserLogins(
            [Provider(slug: "one"), Provider(slug: "two")], accounts: service.accounts, desk: desk, store: store)
        return Bench(
            logins: logins, desk: desk, state: try #require(LoginState("0123456789abcdef")), clock: service.clock)
    }

    private func depart(_ bench: Bench) async throws -> (state: String, cookie: String) {
        let departure = try await bench.logins.begin(with: "one", for: bench.state, returningTo: "https://here/return")
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
            try await bench.logins.begin(with: "three", for: bench.state, returningTo: "")
        }
        #expect(try await bench.desk.collect(bench.state) == nil)
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
