/// JSON Web Tokens in compact form (RFC 7519, RFC 8725): signed by RS256, verified by RS256 or ES256.
package enum JSONWebToken {
    package static let largestByteCount = 8192

    /// A token that says `claims`, signed with the private `key`; `keyID` is the key's thumbprint unless given.
    package static func sign(
        claims: JWTClaims, key: RSAKey, keyID: String? = nil
    ) throws(CryptographyError) -> String {
        let header = JOSEHeader.json(algorithm: .rs256, keyID: keyID ?? key.thumbprint)
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(try claims.json())
        let token = signed + "." + Base64URL.encode(try key.signRS256(Array(signed.utf8)))
        guard token.utf8.count <= largestByteCount else { throw .tokenTooLong(limit: largestByteCount) }
        return token
    }

    /// The issuer that a token names, believed by nobody yet: it only tells whose keys to look at.
    package static func claimedIssuer(of token: String) -> String? {
        guard let compact = try? CompactToken(token) else { return nil }
        return (try? JWTClaims(json: compact.payload))?.issuer
    }

    /// The claims of `token` if one of `keys` signed it and they meet the expectation.
    ///
    /// Nothing that the payload says is looked at here before its signature is found good.
    package static func verify(
        _ token: String, keys: JWTKeySet, expecting expectation: JWTExpectation
    ) throws(TokenFault) -> JWTClaims {
        let compact = try CompactToken(token)
        let candidates = try keys.candidates(for: compact.header)
        guard candidates.contains(where: { compact.isSigned(by: $0) }) else { throw .signatureMismatch }
        let claims = try JWTClaims(json: compact.payload)
        try expectation.check(claims)
        return claims
    }
}
