/// An OpenID Connect issuer whose tokens are taken.
package struct OIDCIssuerSettings: Sendable, Equatable {
    /// Exactly as its tokens say it in `iss`.
    package var issuer: String
    /// Whom its tokens must be for: our client id there.
    package var audience: String
    /// Where its keys lie; told by its discovery document when nil.
    package var keysAddress: String?
    /// The secret of our client, where it has one; PKCE protects the code in any case.
    package var clientSecret: String?
    /// The claim in which its tokens tell the user's groups; nil when it is not believed about groups.
    package var groupsClaim: String? = "groups"

    package init(issuer: String, audience: String, keysAddress: String? = nil, clientSecret: String? = nil) {
        self.issuer = issuer
        self.audience = audience
        self.keysAddress = keysAddress
        self.clientSecret = clientSecret
    }

    /// Keys are believed for the way they came: over TLS, or within this machine.
    package static func isTrustworthy(_ address: String) -> Bool {
        if address.hasPrefix("https://") { return true }
        return ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { prefix in
            guard address.hasPrefix(prefix) else { return false }
            return address.dropFirst(prefix.count).first.map { ":/".contains($0) } ?? true
        }
    }
}
