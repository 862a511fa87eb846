import Cryptography
import RoomCore
import RoomStorage

// MARK: - Account keys

extension Accounts {
    /// What became of a key that was to end.
    package enum KeyEnd: Sendable, Equatable {
        case revoked
        case deleted
    }

    package func issueAccountKey(named name: String, for user: UserID) async throws -> (secret: String, key: AccountKey)
    {
        let standing = try await store.accountKeys(of: user).count
        guard standing < limits.accountKeysPerUser else {
            throw Fault.limit(
                "You have \(standing) account keys, which is the most allowed: delete those that are not needed")
        }
        let secret = try SecureRandom.token(prefix: "slp_acct_")
        let key = AccountKey(
            hash: Self.hash(secret), user: user, name: name, createdAt: clock(), expiresAt: nil, revokedAt: nil)
        try await store.createAccountKey(key)
        return (secret, key)
    }

    package func accountKeys(of user: UserID) async throws -> [AccountKey] { try await store.accountKeys(of: user) }

    /// Revokes a key, or deletes one that was revoked before: clients have one request for both.
    @discardableResult
    package func revokeAccountKey(_ name: String, by user: UserID) async throws -> KeyEnd {
        let key = try await accountKey(name, of: user)
        if key.revokedAt != nil {
            guard try await store.deleteAccountKey(key.hash) else { throw Fault.notFound(Self.noSuchKey) }
            return .deleted
        }
        _ = try await store.revokeAccountKey(key.hash, at: clock())
        await directory?.revoke(.proof(.accountKey(key.hash)))
        return .revoked
    }

    /// A user's key by its secret, its hash or its label.
    private func accountKey(_ name: String, of user: UserID) async throws -> AccountKey {
        if let key = try await store.accountKey(Self.hash(naming: name)), key.user == user { return key }
        let key = try await store.accountKeys(of: user).first { CredentialLabel.accountKey($0.hash) == name }
        guard let key else { throw Fault.notFound(Self.noSuchKey) }
        return key
    }

    private static let noSuchKey = "Account key not found"
}
