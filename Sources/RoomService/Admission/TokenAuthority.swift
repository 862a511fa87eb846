import Cryptography
import RoomCore
import RoomStorage

/// Signs and checks our own JWTs: RS256, `iss` = `aud` = `sleap-rtc`, good for a week.
package struct TokenAuthority: Sendable {
    /// Whom a good token names.
    package struct Bearer: Sendable, Equatable {
        package let user: UserID
        package let username: String
        package let expiresAt: Timestamp
    }

    package static let issuer = "sleap-rtc"
    package static let lifetimeSeconds: Int64 = 7 * 24 * 3600

    private let key: RSAKey
    private let keys: JWTKeySet

    package init(key: RSAKey) {
        self.key = key
        keys = JWTKeySet(key)
    }

    package func issue(to user: User, at now: Timestamp, lifetimeSeconds: Int64 = lifetimeSeconds)
        throws(CryptographyError) -> String
    {
        let claims = JWTClaims(
            subject: user.id.text, username: user.username, issuer: Self.issuer, audience: [Self.issuer],
            issuedAt: Double(now.seconds), expiresAt: Double(now.seconds + lifetimeSeconds))
        return try JSONWebToken.sign(claims: claims, key: key)
    }

    package func verify(_ token: String, at now: Timestamp) throws(TokenFault) -> Bearer {
        let expectation = JWTExpectation(
            issuer: Self.issuer, audience: Self.issuer, now: Double(now.microseconds) / 1_000_000, skew: 0)
        let claims = try JSONWebToken.verify(token, keys: keys, expecting: expectation)
        guard let user = claims.subject.flatMap(UserID.init), let expiry = claims.expiresAt, expiry < 1e11 else {
            throw .malformedClaim(.subject)
        }
        return Bearer(
            user: user, username: claims.username ?? user.text, expiresAt: Timestamp(seconds: Int64(expiry)))
    }
}
