import Cryptography
import JSONWire
import RoomStorage

/// Sends browsers to a provider and knows them again when they come back.
///
/// One journey is one use, ten minutes, one browser, one login state, and one provider: a code that somebody slips to
/// another's browser, or to another provider, leads nowhere. What is kept of it is sealed by a key that is made from the
/// browser's cookie.
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
        with slug: String, for place: LoginPlace, returningTo returnAddress: String
    ) async throws -> Departure {
        let provider = try provider(slug)
        let cookie = try SecureRandom.token(prefix: "")
        let journey = LoginJourney(
            state: try SecureRandom.token(prefix: ""), nonce: try SecureRandom.token(prefix: ""),
            verifier: try SecureRandom.token(prefix: "", bytes: 32), returnAddress: returnAddress)
        let address = try await provider.address(for: journey)
        let ticket: JSONObject = [
            "provider": .string(slug), "login": .string(place.name), "seal": .string(place.seal.base64URL),
            "nonce": .string(journey.nonce), "verifier": .string(journey.verifier), "return": .string(returnAddress),
        ]
        let box = try SealedBox.seal(JSONValue.object(ticket).encoded(), under: Self.seal(cookie))
        try await store.put(box, at: Self.key(journey.state), for: Self.term)
        return Departure(address: address, cookie: cookie)
    }

    /// The browser is back: the login is left at the desk for whom it is.
    package func finish(with slug: String, state: String, code: String, cookie: String?) async throws {
        let provider = try provider(slug)
        guard let box = try await store.take(Self.key(state)) else { throw Fault.lost }
        guard let bytes = cookie.flatMap({ SealedBox.open(box, under: Self.seal($0)) }),
            let ticket = try? JSONValue.parse(bytes, maxDepth: 4).objectValue,
            ticket["provider"]?.stringValue == slug
        else { throw Fault.otherBrowser }
        guard let name = ticket["login"]?.stringValue,
            let seal = ticket["seal"]?.stringValue.flatMap(SealingKey.init(base64URL:)),
            let nonce = ticket["nonce"]?.stringValue, let verifier = ticket["verifier"]?.stringValue,
            let returnAddress = ticket["return"]?.stringValue
        else { throw Fault.lost }
        let journey = LoginJourney(state: state, nonce: nonce, verifier: verifier, returnAddress: returnAddress)
        let grant = try await accounts.logIn(provider.identity(for: code, on: journey))
        do {
            try await desk.deposit(grant, at: LoginPlace(name: name, seal: seal))
        } catch {
            await accounts.takeBack(grant)
            throw error
        }
    }

    private func provider(_ slug: String) throws(Fault) -> any CodeProvider {
        guard let provider = providers.first(where: { $0.slug == slug }) else { throw .noSuchProvider }
        return provider
    }

    private static func seal(_ cookie: String) -> SealingKey {
        SealingKey(secret: cookie, purpose: "sleap-rooms journey")
    }

    private static func key(_ state: String) -> HandoverKey {
        HandoverKey(kind: "login-journey", name: SHA256.hex(state))
    }
}
