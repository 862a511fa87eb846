/// A claim with a field of its own in `JWTClaims`: those of RFC 7519 section 4.1, and `username`.
package enum RegisteredClaim: String, CaseIterable, Sendable {
    case subject = "sub"
    case username
    case issuer = "iss"
    case audience = "aud"
    case issuedAt = "iat"
    case notBefore = "nbf"
    case expiresAt = "exp"
    case tokenID = "jti"

    /// What a claim of the wrong type is told.
    var rule: String {
        switch self {
        case .subject: "Subject must be a string."
        case .username: "Username must be a string."
        case .issuer: "Issuer must be a string."
        case .audience: "Invalid claim format in token"
        case .issuedAt: "Issued At claim (iat) must be a number."
        case .notBefore: "Not Before claim (nbf) must be a number."
        case .expiresAt: "Expiration Time claim (exp) must be a number."
        case .tokenID: "JWT ID must be a string."
        }
    }
}
