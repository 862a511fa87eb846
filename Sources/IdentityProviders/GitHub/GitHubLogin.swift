import Cryptography
import HTTPFetching
import JSONWire
import Logging
import RoomService

/// An OAuth app at GitHub, or at a GitHub Enterprise Server.
package struct GitHubSettings: Sendable, Equatable {
    package var clientID: String
    package var clientSecret: String
    package var url = "https://github.com"
    package var apiURL = "https://api.github.com"

    package init(clientID: String, clientSecret: String) {
        self.clientID = clientID
        self.clientSecret = clientSecret
    }
}

/// Logs in by GitHub
/// (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps).
///
/// The access token lives for the one request that asks who its owner is.
package struct GitHubLogin: CodeProvider {
    private let settings: GitHubSettings
    private let fetcher: HTTPFetcher
    private let logger: Logger

    package let slug = "github"
    package let title = "GitHub"

    package init(_ settings: GitHubSettings, fetcher: HTTPFetcher, logger: Logger) {
        self.settings = settings
        self.fetcher = fetcher
        self.logger = logger
    }

    package func address(for journey: LoginJourney) async throws -> String {
        let form = FormFields([
            ("client_id", settings.clientID), ("redirect_uri", journey.returnAddress), ("scope", "read:user"),
            ("state", journey.state),
            ("code_challenge", Base64URL.encode(SHA256.digest(Array(journey.verifier.utf8)))),
            ("code_challenge_method", "S256"),
        ])
        return "\(settings.url)/login/oauth/authorize?\(form.text)"
    }

    /// A journey without a verifier is a page of somebody else's, that sent its browser to GitHub itself.
    package func identity(for code: String, on journey: LoginJourney?) async throws -> OutsideIdentity {
        var fields = [("client_id", settings.clientID), ("client_secret", settings.clientSecret), ("code", code)]
        if let journey, !journey.returnAddress.isEmpty { fields.append(("redirect_uri", journey.returnAddress)) }
        if let journey, !journey.verifier.isEmpty { fields.append(("code_verifier", journey.verifier)) }
        let grant = try await fetcher.answer(
            to: .posting(FormFields(fields), to: "\(settings.url)/login/oauth/access_token"), logger: logger)
        guard grant.body["error"] == nil else {
            throw ProviderFault.refused("GitHub OAuth error: \(grant.complaint)")
        }
        guard let token = grant.body["access_token"]?.stringValue, Self.isSendable(token) else {
            throw ProviderFault.refused("No access token received from GitHub")
        }
        return try await owner(of: token)
    }

    private func owner(of token: String) async throws -> OutsideIdentity {
        let answer = try await fetcher.answer(to: .asking("\(settings.apiURL)/user", as: token), logger: logger)
        guard answer.status == 200, let user = answer.body["id"]?.intValue.flatMap(OutsideIdentity.gitHub),
            let name = answer.body["login"]?.stringValue
        else { throw ProviderFault.refused("Failed to fetch GitHub user info") }
        return OutsideIdentity(user: user, username: name, avatarURL: answer.body["avatar_url"]?.stringValue)
    }

    private static func isSendable(_ token: String) -> Bool {
        (1...2048).contains(token.utf8.count) && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
