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
        /// The account key that bought the token, and without which it is worth nothing.
        package var accountKey: SecretHash?
    }

    package static let issuer = "sleap-rtc"
    package static let lifetimeSeconds: Int64 = 7 * 24 * 3600

    /// By how many seconds the clocks of our servers may differ: a token made on one is good on all others at once. Its end
    /// is exact.
    static let skewSeconds: Double = 60

    private static let keyClaim = "account_key_hash"

    private let key: RSAKey
    private let keys: JWTKeySet

    package init(key: RSAKey) {
        self.key = key
        keys = JWTKeySet(key)
    }

    package func issue(
        to user: User, at now: Timestamp, lifetimeSeconds: Int64 = lifetimeSeconds, for accountKey: SecretHash? = nil
    ) throws(CryptographyError) -> String {
        var claims = JWTClaims(
            subject: user.id.text, username: user.username, issuer: Self.issuer, audience: [Self.issuer],
            issuedAt: Double(now.seconds), expiresAt: Double(now.seconds + lifetimeSeconds))
        if let accountKey { claims.other[Self.keyClaim] = .string(accountKey.text) }
        return try JSONWebToken.sign(claims: claims, key: key)
    }

    package func verify(_ token: String, at now: Timestamp) throws(TokenFault) -> Bearer {
        let expectation = JWTExpectation(
            issuer: Self.issuer, audience: Self.issuer, now: Double(now.microseconds) / 1_000_000,
            skew: Self.skewSeconds, grace: 0)
        let claims = try JSONWebToken.verify(token, keys: keys, expecting: expectation)
        guard let user = claims.subject.flatMap(UserID.init), let expiry = claims.expiresAt, expiry < 1e11 else {
            throw .malformedClaim(.subject)
        }
        return Bearer(
            user: user, username: claims.username ?? user.text, expiresAt: Timestamp(seconds: Int64(expiry)),
            accountKey: claims.other[Self.keyClaim]?.stringValue.flatMap { SecretHash($0) })
    }
}
