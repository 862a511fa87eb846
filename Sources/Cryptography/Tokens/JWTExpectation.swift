/// What a token must say to be good here and now.
package struct JWTExpectation: Sendable {
    package var issuer: String
    /// Nil where the caller checks for itself whom a token is for, as where `aud` is not the claim that says so.
    package var audience: String?
    /// Seconds since 1970, by the caller's clock.
    package var now: Double
    /// By how many seconds the issuer's clock may be ahead of ours.
    package var skew: Double
    /// How many seconds a token is taken after its end, for an issuer's clock that is behind ours.
    package var grace: Double
    package var requiresExpiry: Bool

    package init(
        issuer: String, audience: String?, now: Double, skew: Double = 60, grace: Double? = nil,
        requiresExpiry: Bool = true
    ) {
        self.issuer = issuer
        self.audience = audience
        self.now = now
        self.skew = skew
        self.grace = grace ?? skew
        self.requiresExpiry = requiresExpiry
    }

    /// A token is good from `nbf` and `iat` on and until just before `exp` (RFC 7519 section 4.1): those moved by the skew, this
    /// by the grace.
    func check(_ claims: JWTClaims) throws(TokenFault) {
        if let expiry = claims.expiresAt {
            guard now < expiry + grace else { throw .expired }
        } else if requiresExpiry {
            throw .missingExpiry
        }
        if let start = claims.notBefore, start > now + skew { throw .notYetValid }
        if let birth = claims.issuedAt, birth > now + skew { throw .issuedInFuture }
        guard let named = claims.issuer, named.hasSameBytes(as: issuer) else { throw .wrongIssuer }
        guard let audience else { return }
        guard claims.audience.contains(where: { $0.hasSameBytes(as: audience) }) else { throw .wrongAudience }
    }
}

extension String {
    /// RFC 7519 section 2 compares such names as they are spelled; `==` would also equate canonical equivalents.
    func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
