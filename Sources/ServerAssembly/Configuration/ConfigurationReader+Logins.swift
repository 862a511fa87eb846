import IdentityProviders

extension ConfigurationReader {
    static let loginKeys = [
        "SLEAP_ROOMS_OIDC_ISSUERS", "SLEAP_ROOMS_OIDC_AUDIENCE", "SLEAP_ROOMS_OIDC_CLIENT_SECRET",
        "SLEAP_ROOMS_OIDC_GROUPS_CLAIM",
        "SLEAP_ROOMS_OIDC_CA_FILE", "SLEAP_ROOMS_GITHUB_CLIENT_ID", "SLEAP_ROOMS_GITHUB_CLIENT_SECRET",
        "SLEAP_ROOMS_GITHUB_URL", "SLEAP_ROOMS_GITHUB_API_URL", "SLEAP_ROOMS_ALLOWED_ORIGINS",
    ]

    func logins() throws(ConfigurationFault) -> Configuration.Logins {
        var logins = Configuration.Logins()
        logins.issuers = try issuers()
        logins.issuersCAFile = value("SLEAP_ROOMS_OIDC_CA_FILE")
        logins.gitHub = try gitHub()
        logins.allowedOrigins = try list("SLEAP_ROOMS_ALLOWED_ORIGINS").map { text throws(ConfigurationFault) in
            guard let origin = Self.origin(text) else {
                throw ConfigurationFault(
                    "SLEAP_ROOMS_ALLOWED_ORIGINS", text, "give origins such as https://lab.example.org, or *")
            }
            return origin
        }
        return logins
    }

    /// Issuers with their audiences, and what else is said of them, in one order.
    private func issuers() throws(ConfigurationFault) -> [OIDCIssuerSettings] {
        let issuers = list("SLEAP_ROOMS_OIDC_ISSUERS")
        let audiences = list("SLEAP_ROOMS_OIDC_AUDIENCE")
        guard !issuers.isEmpty else { return [] }
        guard audiences.count == 1 || audiences.count == issuers.count else {
            throw ConfigurationFault(
                "SLEAP_ROOMS_OIDC_AUDIENCE", audiences.joined(separator: ","),
                "give the client id that tokens are for: one for all issuers, or one for each in their order")
        }
        let secrets = try self.secrets(of: issuers.count)
        let claims = try groupsClaims(of: issuers.count)
        var settings: [OIDCIssuerSettings] = []
        for (index, text) in issuers.enumerated() {
            let audience = audiences.count == 1 ? audiences[0] : audiences[index]
            var one = try issuer(text, for: audience)
            one.clientSecret = secrets.isEmpty ? nil : secrets[index]
            one.groupsClaim = claims[index]
            guard !settings.contains(where: { $0.issuer == one.issuer }) else {
                throw ConfigurationFault("SLEAP_ROOMS_OIDC_ISSUERS", one.issuer, "name each issuer once")
            }
            settings.append(one)
        }
        return settings
    }

    /// `https://issuer` or `https://issuer=https://keys`.
    private func issuer(_ text: String, for audience: String) throws(ConfigurationFault) -> OIDCIssuerSettings {
        let mark = text.firstRange(of: "=http")
        let issuer = String(text[..<(mark?.lowerBound ?? text.endIndex)])
        let keys = mark.map { String(text[text.index(after: $0.lowerBound)...]) }
        guard ([issuer] + (keys.map { [$0] } ?? [])).allSatisfy(OIDCIssuerSettings.isTrustworthy) else {
            throw ConfigurationFault(
                "SLEAP_ROOMS_OIDC_ISSUERS", text,
                "give https://ISSUER or https://ISSUER=https://ADDRESS-OF-ITS-JWKS; http only on this machine")
        }
        return OIDCIssuerSettings(issuer: issuer, audience: audience, keysAddress: keys)
    }

    /// One for all issuers, or one for each; empty for one that is not believed about groups.
    private func groupsClaims(of count: Int) throws(ConfigurationFault) -> [String?] {
        let key = "SLEAP_ROOMS_OIDC_GROUPS_CLAIM"
        guard let text = value(key) else { return Array(repeating: "groups", count: count) }
        let claims = text.split(separator: ",", omittingEmptySubsequences: false).map { part -> String? in
            let claim = part.filter { !$0.isWhitespace }
            return claim.isEmpty ? nil : claim
        }
        if claims.count == 1 { return Array(repeating: claims[0], count: count) }
        guard claims.count == count else {
            throw ConfigurationFault(
                key, text,
                "give the claim that tells groups: one for all issuers, or one for each in their order, empty where an "
                    + "issuer is not to be believed about groups")
        }
        return claims
    }

    private func secrets(of count: Int) throws(ConfigurationFault) -> [String?] {
        guard let text = try secret("SLEAP_ROOMS_OIDC_CLIENT_SECRET") else { return [] }
        let secrets = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let secret = part.filter { !$0.isWhitespace }
            return secret.isEmpty ? nil : secret
        }
        guard secrets.count == count else {
            throw ConfigurationFault(
                "SLEAP_ROOMS_OIDC_CLIENT_SECRET", "…",
                "give one for each issuer in their order, empty where it has none")
        }
        return secrets
    }

    private func gitHub() throws(ConfigurationFault) -> GitHubSettings? {
        guard let clientID = value("SLEAP_ROOMS_GITHUB_CLIENT_ID"), !clientID.isEmpty else { return nil }
        let secret = (try secret("SLEAP_ROOMS_GITHUB_CLIENT_SECRET") ?? "").filter { !$0.isWhitespace }
        guard !secret.isEmpty else {
            throw ConfigurationFault(
                "SLEAP_ROOMS_GITHUB_CLIENT_SECRET", "", "give the secret of the OAuth app \(clientID)")
        }
        var settings = GitHubSettings(clientID: clientID, clientSecret: secret)
        settings.url = try gitHubAddress("SLEAP_ROOMS_GITHUB_URL", orElse: settings.url)
        settings.apiURL = try gitHubAddress("SLEAP_ROOMS_GITHUB_API_URL", orElse: settings.apiURL)
        return settings
    }

    private func gitHubAddress(_ key: String, orElse usual: String) throws(ConfigurationFault) -> String {
        guard let text = value(key), !text.isEmpty else { return usual }
        guard OIDCIssuerSettings.isTrustworthy(text) else {
            throw ConfigurationFault(key, text, "give an address such as \(usual); http only on this machine")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private func list(_ key: String) -> [String] {
        (value(key) ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }

    /// `scheme://host[:port]` as browsers send it; `*` is everyone.
    private static func origin(_ text: String) -> String? {
        if text == "*" { return text }
        let origin = text.hasSuffix("/") ? String(text.dropLast()) : text
        let parts = origin.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            !parts[1].contains(where: { "/?#@\\".contains($0) }), origin.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return origin
    }
}
