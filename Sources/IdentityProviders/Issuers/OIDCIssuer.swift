import Cryptography
import HTTPFetching
import JSONWire
import Logging
import RoomCore
import RoomService

/// One issuer: its tokens, checked by its own keys.
struct OIDCIssuer: Sendable {
    /// By how many seconds its clock may differ from ours.
    static let skewSeconds: Int64 = 60

    let settings: OIDCIssuerSettings
    let slug: String
    let fetcher: HTTPFetcher
    let documents: IssuerDocuments
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    init(
        _ settings: OIDCIssuerSettings, slug: String, fetcher: HTTPFetcher, documents: IssuerDocuments,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.settings = settings
        self.slug = slug
        self.fetcher = fetcher
        self.documents = documents
        self.clock = clock
        self.logger = logger
    }

    /// Whom good claims name; throws ``IssuerFault``.
    func identity(of claims: JWTClaims) throws -> OutsideIdentity {
        guard let identity = OutsideIdentity(claims, of: settings, skewSeconds: Self.skewSeconds) else {
            throw IssuerFault.refused(.malformedClaim(.subject))
        }
        return identity
    }

    /// What a token says, once it is proved; throws ``IssuerFault``.
    func claims(of token: String, at now: Timestamp) async throws -> JWTClaims {
        guard let copy = await documents.keys.copy() else { throw IssuerFault.unavailable }
        let first = check(token, copy.document, at: now)
        guard case .failure(let fault) = first, fault == .unknownKey || fault == .signatureMismatch else {
            return try Self.settled(first)
        }
        // The issuer may have turned its keys over.
        guard let next = await documents.keys.copy(after: copy) else {
            throw fault == .unknownKey ? IssuerFault.unavailable : IssuerFault.refused(fault)
        }
        return try Self.settled(check(token, next.document, at: now))
    }

    private static func settled(_ result: Result<JWTClaims, TokenFault>) throws -> JWTClaims {
        switch result {
        case .success(let claims): return claims
        case .failure(let fault): throw IssuerFault.refused(fault)
        }
    }

    private func check(_ token: String, _ keys: JWTKeySet, at now: Timestamp) -> Result<JWTClaims, TokenFault> {
        Result { () throws(TokenFault) in try verify(token, keys, at: now) }
    }

    private func verify(_ token: String, _ keys: JWTKeySet, at now: Timestamp) throws(TokenFault) -> JWTClaims {
        let expectation = JWTExpectation(
            issuer: settings.issuer, audience: nil, now: Double(now.microseconds) / 1_000_000,
            skew: Double(Self.skewSeconds))
        let claims = try JSONWebToken.verify(token, keys: keys, expecting: expectation)
        guard isForUs(claims) else { throw .wrongAudience }
        return claims
    }

    /// Cognito's access tokens have no `aud` and name the client in `client_id`.
    private func isForUs(_ claims: JWTClaims) -> Bool {
        guard claims.audience.isEmpty else {
            return claims.audience.contains { $0.utf8.elementsEqual(settings.audience.utf8) }
        }
        return claims.other["client_id"]?.stringValue?.utf8.elementsEqual(settings.audience.utf8) ?? false
    }
}

extension OutsideIdentity {
    /// The first of the names that issuers know; nil without a subject.
    init?(_ claims: JWTClaims, of settings: OIDCIssuerSettings, skewSeconds: Int64) {
        guard let subject = claims.subject, !subject.isEmpty, let expiry = claims.expiresAt, expiry < 1e11 else {
            return nil
        }
        let names = [
            claims.other["preferred_username"]?.stringValue, claims.other["cognito:username"]?.stringValue,
            claims.username, claims.other["email"]?.stringValue, claims.other["name"]?.stringValue,
        ]
        self.init(
            user: OutsideIdentity.issued(by: settings.issuer, subject: subject),
            username: names.compactMap { $0 }.first { !$0.isEmpty } ?? "",
            avatarURL: claims.other["picture"]?.stringValue,
            expiresAt: Timestamp(seconds: Int64(expiry) + skewSeconds),
            groups: settings.groupsClaim.map { Self.groups(claims.other[$0]) })
    }

    private static let mostGroups = 1000

    /// A list of names, or one name; what is no name counts for nothing.
    private static func groups(_ claim: JSONValue?) -> Set<GroupName> {
        let names = claim?.arrayValue ?? claim.map { [$0] } ?? []
        return Set(names.prefix(mostGroups).compactMap { $0.stringValue.flatMap { GroupName($0) } })
    }
}
