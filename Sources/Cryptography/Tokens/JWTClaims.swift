import JSONWire

/// What a token says of its bearer (RFC 7519 section 4).
///
/// Times are seconds since 1970, whole or not, and smaller than 2^53 either way: `Int(…)` of one never traps.
package struct JWTClaims: Sendable, Equatable {
    package var subject: String?
    package var username: String?
    package var issuer: String?
    /// Empty when the token names none; a lone one is written as a string.
    package var audience: [String]
    package var issuedAt: Double?
    package var notBefore: Double?
    package var expiresAt: Double?
    package var tokenID: String?
    /// Every other claim, in its order.
    package var other: JSONObject

    package init(
        subject: String? = nil, username: String? = nil, issuer: String? = nil, audience: [String] = [],
        issuedAt: Double? = nil, notBefore: Double? = nil, expiresAt: Double? = nil, tokenID: String? = nil,
        other: JSONObject = [:]
    ) {
        self.subject = subject
        self.username = username
        self.issuer = issuer
        self.audience = audience
        self.issuedAt = issuedAt
        self.notBefore = notBefore
        self.expiresAt = expiresAt
        self.tokenID = tokenID
        self.other = other
    }
}
