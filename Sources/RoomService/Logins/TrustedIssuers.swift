import Cryptography
import RoomCore
import RoomStorage

/// Issuers beside us whose tokens are taken.
///
/// Duties: whether an issuer is trusted is known without asking anyone; a token of one that cannot be asked for its keys
/// is ``IssuerFault/unavailable``, never refused; no caller waits for an issuer other than its token's.
package protocol TrustedIssuers: Sendable {
    func trusts(_ issuer: String) -> Bool
    /// Whom the token names, once it is proved to be the issuer's, for us, and good now; else an ``IssuerFault``.
    func identity(of token: String, from issuer: String, at now: Timestamp) async throws -> OutsideIdentity
}

package enum IssuerFault: Error, Equatable, Sendable {
    case refused(TokenFault)
    /// The account key that bought the token is revoked, over or gone.
    case revoked
    /// The issuer's keys cannot be had just now; the same token may be good later.
    case unavailable
}

/// Where no other issuer is trusted.
package struct NoIssuers: TrustedIssuers {
    package init() {}
    package func trusts(_ issuer: String) -> Bool { false }
    package func identity(of token: String, from issuer: String, at now: Timestamp) async throws -> OutsideIdentity {
        throw IssuerFault.refused(.wrongIssuer)
    }
}

/// Whom a JWT names: one of ours, or one of an issuer that is trusted.
struct Bearers: Sendable {
    let authority: TokenAuthority
    let issuers: any TrustedIssuers
    let store: any AccountStore

    /// Throws ``IssuerFault``, or what keeps the record from being read.
    func bearer(of token: String, at now: Timestamp) async throws -> TokenAuthority.Bearer {
        if let issuer = JSONWebToken.claimedIssuer(of: token), issuers.trusts(issuer) {
            let identity = try await issuers.identity(of: token, from: issuer, at: now)
            let user = try await store.welcome(identity, at: now).user
            return TokenAuthority.Bearer(
                user: user.id, username: user.username,
                expiresAt: identity.expiresAt ?? now.advanced(bySeconds: TokenAuthority.lifetimeSeconds))
        }
        let bearer: TokenAuthority.Bearer
        do throws(TokenFault) {
            bearer = try authority.verify(token, at: now)
        } catch {
            throw IssuerFault.refused(error)
        }
        guard let hash = bearer.accountKey else { return bearer }
        return try await standing(bearer, on: hash, at: now)
    }

    /// A bearer of a token that an account key bought: it ends with the key.
    private func standing(
        _ bearer: TokenAuthority.Bearer, on hash: SecretHash, at now: Timestamp
    ) async throws -> TokenAuthority.Bearer {
        guard let key = try await store.accountKey(hash), key.user == bearer.user, key.revokedAt == nil,
            key.expiresAt.map({ $0 > now }) ?? true
        else { throw IssuerFault.revoked }
        return TokenAuthority.Bearer(
            user: bearer.user, username: bearer.username,
            expiresAt: key.expiresAt.map { min($0, bearer.expiresAt) } ?? bearer.expiresAt, accountKey: hash)
    }
}
