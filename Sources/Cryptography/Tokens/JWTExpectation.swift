/// What a token must say to be good here and now.
package struct JWTExpectation: Sendable {
    package var issuer: String
    /// Nil takes a token for whatever audience: only for an issuer that serves us alone.
    package var audience: String?
    /// Seconds since 1970, by the caller's clock.
    package var now: Double
    /// By how many seconds the issuer's clock may differ from ours, either way.
    package var skew: Double
    package var requiresExpiry: Bool

    package init(
        issuer: String, audience: String?, now: Double, skew: Double = 60, requiresExpiry: Bool = true
    ) {
        self.issuer = issuer
        self.audience = audience
        self.now = now
        self.skew = skew
        self.requiresExpiry = requiresExpiry
    }

    /// A token is good from `nbf` and `iat` on and until just before `exp` (RFC 7519 section 4.1), each moved by the skew.
    func check(_ claims: JWTClaims) throws(TokenFault) {
        if let expiry = claims.expiresAt {
            guard now < expiry + skew else { throw .expired }
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
