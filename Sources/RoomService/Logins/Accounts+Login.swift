import RoomCore
import RoomStorage

/// What somebody who logged in takes along.
package struct LoginGrant: Sendable {
    package let user: User
    package let avatarURL: String?
    package let jwt: String
    /// Only at the first login: it is shown once.
    package let accountKey: String?
}

extension Accounts {
    /// Lets somebody in on another's word, with a week's JWT of ours; who has no account key gets one.
    package func logIn(_ identity: OutsideIdentity) async throws -> LoginGrant {
        let now = clock()
        let user = try await store.welcome(identity, at: now)
        let key = try await keyOfFirstLogin(for: user.id)
        return LoginGrant(
            user: user, avatarURL: identity.avatarURL, jwt: try authority.issue(to: user, at: now), accountKey: key)
    }

    /// Lets the owner of a credential in: an account key buys a JWT, a JWT stays as it is, for it would else never end.
    package func logIn(bearer secret: String) async throws -> LoginGrant? {
        guard let user = try await user(bearer: secret) else { return nil }
        let jwt = secret.hasPrefix("slp_") ? try authority.issue(to: user, at: clock()) : secret
        return LoginGrant(user: user, avatarURL: nil, jwt: jwt, accountKey: nil)
    }
}
