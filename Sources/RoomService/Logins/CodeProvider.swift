/// Where a browser is sent to log in, and from where it comes back with a code (RFC 6749 section 4.1).
package protocol CodeProvider: Sendable {
    /// Its word in our addresses: `github`, `oidc-1`.
    var slug: String { get }
    /// What people call it.
    var title: String { get }
    /// The address to send the browser to. Throws ``ProviderFault``.
    func address(for journey: LoginJourney) async throws -> String
    /// Who came back with the code. Throws ``ProviderFault``.
    func identity(for code: String, on journey: LoginJourney?) async throws -> OutsideIdentity
}

/// What binds the way back to the way there.
package struct LoginJourney: Sendable, Equatable {
    /// The `state` that the provider gives back.
    package let state: String
    /// What the ID token must repeat (OpenID Connect Core 1.0 section 3.1.2.1).
    package let nonce: String
    /// The secret whose hash goes along (RFC 7636).
    package let verifier: String
    package let returnAddress: String

    package init(state: String, nonce: String, verifier: String, returnAddress: String) {
        self.state = state
        self.nonce = nonce
        self.verifier = verifier
        self.returnAddress = returnAddress
    }
}

package enum ProviderFault: Error, Equatable, Sendable {
    /// In words for the person.
    case refused(String)
    case unavailable
}
