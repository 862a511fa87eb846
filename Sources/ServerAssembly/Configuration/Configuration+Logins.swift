import IdentityProviders

extension Configuration {
    /// Who vouches for users beside this server, and whose web pages may use it.
    package struct Logins: Sendable, Equatable {
        package var issuers: [OIDCIssuerSettings] = []
        package var issuersCAFile: String?
        package var gitHub: GitHubSettings?
        package var allowedOrigins: [String] = []

        package init() {}
    }
}
