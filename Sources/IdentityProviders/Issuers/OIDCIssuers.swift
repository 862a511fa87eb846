import Cryptography
import HTTPFetching
import Logging
import RoomCore
import RoomService

/// The OpenID Connect issuers of the configuration: Cognito pools, Keycloak realms, Google.
///
/// Each has its own keys, its own fetcher and its own waiting: one that hangs delays its own tokens and nobody else's.
package struct OIDCIssuers: TrustedIssuers {
    private let issuers: [String: OIDCIssuer]
    private let ordered: [OIDCIssuer]

    package init(
        _ settings: [OIDCIssuerSettings], fetching: FetchSettings, patience: IssuerPatience = IssuerPatience(),
        elapsed: @escaping @Sendable () -> Duration, clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        ordered = settings.enumerated().map { index, settings in
            let fetcher = HTTPFetcher(fetching)
            return OIDCIssuer(
                settings, slug: "oidc-\(index + 1)", fetcher: fetcher,
                documents: IssuerDocuments(
                    settings, fetcher: fetcher, patience: patience, elapsed: elapsed, logger: logger),
                clock: clock, logger: logger)
        }
        issuers = Dictionary(ordered.map { ($0.settings.issuer, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same issuers as places where a browser logs in: those with a discovery document, which alone names the doors.
    package var codeProviders: [any CodeProvider] { ordered.filter { $0.settings.keysAddress == nil } }

    package func trusts(_ issuer: String) -> Bool { issuers[issuer] != nil }

    package func identity(
        of token: String, from issuer: String, at now: Timestamp
    ) async throws -> OutsideIdentity {
        guard let issuer = issuers[issuer] else { throw IssuerFault.refused(.wrongIssuer) }
        return try issuer.identity(of: try await issuer.claims(of: token, at: now))
    }
}
