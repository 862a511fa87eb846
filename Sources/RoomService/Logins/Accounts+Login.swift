import RoomCore
import RoomStorage

/// What somebody who logged in takes along.
package struct LoginGrant: Sendable {
    package let user: User
    package let avatarURL: String?
    package let jwt: String
    /// Only at the login that made the user: it is shown once.
    package let accountKey: String?
}

extension Accounts {
    /// Lets somebody in on another's word, with a week's JWT of ours; who is new gets an account key named `default`.
    package func logIn(_ identity: OutsideIdentity) async throws -> LoginGrant {
        let now = clock()
        let (user, isNew) = try await store.welcome(identity, at: now)
        let key = isNew ? try await issueAccountKey(named: "default", for: user.id).secret : nil
        return LoginGrant(
            user: user, avatarURL: identity.avatarURL, jwt: try authority.issue(to: user, at: now), accountKey: key)
    }

    /// Ends the account key of a login that could not be handed over, for nobody has it.
    func takeBack(_ grant: LoginGrant) async {
        guard let secret = grant.accountKey else { return }
        let hash = Self.hash(secret)
        // Whatever goes wrong here, the login has failed already, and says so.
        _ = try? await store.revokeAccountKey(hash, at: clock())
        _ = try? await store.deleteAccountKey(hash)
    }

    /// Lets the owner of a credential in: an account key buys a JWT that ends with it at the latest, a JWT stays as it is,
    /// for it would else never end.
    package func logIn(bearer secret: String) async throws -> LoginGrant? {
        guard let user = try await user(bearer: secret) else { return nil }
        let isKey = secret.hasPrefix("slp_")
        let jwt = isKey ? try authority.issue(to: user, at: clock(), for: Self.hash(secret)) : secret
        return LoginGrant(user: user, avatarURL: nil, jwt: jwt, accountKey: nil)
    }
}
