import Cryptography
import HTTPFetching
import JSONWire
import Logging

/// Where an issuer's doors are (OpenID Connect Discovery 1.0 section 3).
struct IssuerEndpoints: Sendable {
    let keys: String
    let authorization: String?
    let token: String?

    /// Nil when the document is another issuer's (section 4.3), or names a door that is not to be trusted.
    init?(_ bytes: [UInt8], of issuer: String) {
        guard let document = try? JSONValue.parse(bytes, maxDepth: 16).objectValue,
            let named = document["issuer"]?.stringValue, named.utf8.elementsEqual(issuer.utf8),
            let keys = document["jwks_uri"]?.stringValue, OIDCIssuerSettings.isTrustworthy(keys)
        else { return nil }
        self.keys = keys
        authorization = document["authorization_endpoint"]?.stringValue.flatMap(Self.trusted)
        token = document["token_endpoint"]?.stringValue.flatMap(Self.trusted)
    }

    private static func trusted(_ address: String) -> String? {
        OIDCIssuerSettings.isTrustworthy(address) ? address : nil
    }
}

/// What one issuer publishes.
struct IssuerDocuments: Sendable {
    let endpoints: KeptDocument<IssuerEndpoints>
    let keys: KeptDocument<JWTKeySet>

    init(
        _ settings: OIDCIssuerSettings, fetcher: HTTPFetcher, patience: IssuerPatience,
        elapsed: @escaping @Sendable () -> Duration, logger: Logger
    ) {
        let library = Library(issuer: settings.issuer, fetcher: fetcher, patience: patience, logger: logger)
        let endpoints = KeptDocument(patience, elapsed: elapsed) { await library.endpoints() }
        self.endpoints = endpoints
        keys = KeptDocument(patience, elapsed: elapsed) {
            if let address = settings.keysAddress { return await library.keys(at: address) }
            guard let found = await endpoints.copy() else { return nil }
            return await library.keys(at: found.document.keys)
        }
    }
}

/// Fetches the documents. A redirect is not followed: it would name another place to be trusted.
private struct Library: Sendable {
    let issuer: String
    let fetcher: HTTPFetcher
    let patience: IssuerPatience
    let logger: Logger

    func endpoints() async -> IssuerEndpoints? {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        guard let bytes = await fetch(base + "/.well-known/openid-configuration") else { return nil }
        guard let endpoints = IssuerEndpoints(bytes, of: issuer) else {
            tell("its discovery document is of another issuer, or names no jwks_uri over https")
            return nil
        }
        return endpoints
    }

    func keys(at address: String) async -> JWTKeySet? {
        guard let bytes = await fetch(address) else { return nil }
        guard let keys = try? JWTKeySet(jwks: bytes), !keys.entries.isEmpty else {
            tell("its key set holds no RS256 or ES256 key")
            return nil
        }
        return keys
    }

    private func fetch(_ address: String) async -> [UInt8]? {
        let deadlines = FetchDeadlines(connect: patience.answer, total: patience.answer, stalled: patience.answer)
        do {
            let response = try await fetcher.fetch(
                FetchRequest(
                    url: address, headers: [("Accept", "application/json")],
                    responseLimit: JWTKeySet.largestJWKSByteCount, deadlines: deadlines))
            if response.status == 200 { return response.body }
            tell("it answered with status \(response.status)")
        } catch {
            tell("\(error)")
        }
        return nil
    }

    private func tell(_ cause: String) {
        logger.warning("an issuer's documents cannot be had", metadata: ["issuer": "\(issuer)", "cause": "\(cause)"])
    }
}
