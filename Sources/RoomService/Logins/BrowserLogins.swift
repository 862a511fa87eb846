import Cryptography
import JSONWire
import RoomStorage

/// Sends browsers to a provider and knows them again when they come back.
///
/// One journey is one use, ten minutes, one browser (by a cookie that is kept here as a hash), one login state, and one
/// provider: a code that somebody slips to another's browser, or to another provider, leads nowhere.
package struct BrowserLogins: Sendable {
    package enum Fault: Error, Equatable, Sendable {
        case noSuchProvider
        case lost
        case otherBrowser
    }

    package struct Departure: Sendable {
        package let address: String
        /// The cookie by which the browser is known again.
        package let cookie: String
    }

    static let term = Duration.seconds(600)

    package let providers: [any CodeProvider]
    private let accounts: Accounts
    private let desk: LoginDesk
    private let store: any HandoverStore

    package init(_ providers: [any CodeProvider], accounts: Accounts, desk: LoginDesk, store: any HandoverStore) {
        self.providers = providers
        self.accounts = accounts
        self.desk = desk
        self.store = store
    }

    package func begin(
        with slug: String, for state: LoginState, returningTo returnAddress: String
    ) async throws -> Departure {
        let provider = try provider(slug)
        let cookie = try SecureRandom.token(prefix: "")
        let journey = LoginJourney(
            state: try SecureRandom.token(prefix: ""), nonce: try SecureRandom.token(prefix: ""),
            verifier: try SecureRandom.token(prefix: "", bytes: 32), returnAddress: returnAddress)
        let address = try await provider.address(for: journey)
        let ticket: JSONObject = [
            "provider": .string(slug), "login": .string(state.text), "cookie": .string(SHA256.hex(cookie)),
            "nonce": .string(journey.nonce), "verifier": .string(journey.verifier), "return": .string(returnAddress),
        ]
        try await store.put(JSONValue.object(ticket).encoded(), at: Self.key(journey.state), for: Self.term)
        return Departure(address: address, cookie: cookie)
    }

    /// The browser is back: the login is left at the desk for whom it is.
    package func finish(with slug: String, state: String, code: String, cookie: String?) async throws {
        let provider = try provider(slug)
        guard let bytes = try await store.take(Self.key(state)),
            let ticket = try? JSONValue.parse(bytes, maxDepth: 4).objectValue,
            let login = ticket["login"]?.stringValue.flatMap(LoginState.init),
            let nonce = ticket["nonce"]?.stringValue, let verifier = ticket["verifier"]?.stringValue,
            let returnAddress = ticket["return"]?.stringValue
        else { throw Fault.lost }
        guard ticket["provider"]?.stringValue == slug, let cookie, let expected = ticket["cookie"]?.stringValue,
            constantTimeEquals(Array(SHA256.hex(cookie).utf8), Array(expected.utf8))
        else { throw Fault.otherBrowser }
        let journey = LoginJourney(state: state, nonce: nonce, verifier: verifier, returnAddress: returnAddress)
        try await desk.deposit(accounts.logIn(provider.identity(for: code, on: journey)), for: login)
    }

    private func provider(_ slug: String) throws(Fault) -> any CodeProvider {
        guard let provider = providers.first(where: { $0.slug == slug }) else { throw .noSuchProvider }
        return provider
    }

    private static func key(_ state: String) -> HandoverKey {
        HandoverKey(kind: "login-journey", name: SHA256.hex(state))
    }
}
