import Cryptography
import RoomCore
import RoomStorage
import WireMessages

/// Makes and revokes what opens rooms. A credential that ends takes its open sockets with it at once.
package struct Accounts: Sendable {
    package enum Fault: Error, Equatable, Sendable {
        case notFound(String)
        case forbidden(String)
    }

    let store: any AccountStore
    let authority: TokenAuthority
    let clock: @Sendable () -> Timestamp
    /// Nil where no sockets are served, as in a command beside the server.
    let directory: RoomDirectory?

    package init(
        store: any AccountStore, authority: TokenAuthority, clock: @escaping @Sendable () -> Timestamp,
        directory: RoomDirectory?
    ) {
        self.store = store
        self.authority = authority
        self.clock = clock
        self.directory = directory
    }

    /// Who a bearer credential is: an account key or one of our JWTs. Nil when it is neither or no longer good.
    package func user(bearer secret: String) async throws -> User? {
        if secret.hasPrefix("slp_acct_") {
            guard let key = try await store.accountKey(Self.hash(secret)), key.revokedAt == nil,
                key.expiresAt.map({ $0 > clock() }) ?? true
            else { return nil }
            return try await store.user(key.user)
        }
        guard let bearer = try? authority.verify(secret, at: clock()) else { return nil }
        if let user = try await store.user(bearer.user) { return user }
        return User(id: bearer.user, username: bearer.username, createdAt: clock())
    }

    static func hash(_ secret: String) -> SecretHash { SecretHash(trusted: SHA256.hex(secret)) }

    /// A credential is named by itself or by its hash, so that lists need not show it.
    private static func hash(naming name: String) -> SecretHash { SecretHash(name) ?? hash(name) }
}

// MARK: - Worker tokens

extension Accounts {
    package func issueWorkerToken(
        for worker: WorkerName, in room: RoomID, by user: UserID, lifetimeDays: Int?
    ) async throws -> (secret: String, token: WorkerToken) {
        guard let membership = try await store.membership(of: user, in: room), membership.role > .viewer else {
            throw Fault.forbidden("You don't have access to this room")
        }
        let secret = try SecureRandom.token(prefix: "slp_")
        let now = clock()
        let token = WorkerToken(
            hash: Self.hash(secret), room: room, worker: worker, createdBy: user, createdAt: now,
            expiresAt: lifetimeDays.map { now.advanced(bySeconds: Int64($0) * 86_400) }, revokedAt: nil)
        try await store.createWorkerToken(token)
        return (secret, token)
    }

    /// Revokes a token of the user, or of a room that the user owns.
    package func revokeWorkerToken(_ name: String, by user: UserID) async throws {
        let hash = Self.hash(naming: name)
        guard let token = try await store.workerToken(hash) else { throw Fault.notFound("Token not found") }
        let role = try await store.membership(of: user, in: token.room)?.role
        guard token.createdBy == user || role == .owner else { throw Fault.forbidden("You don't own this token") }
        _ = try await store.revokeWorkerToken(hash, at: clock())
        await directory?.revoke(.proof(.workerToken(hash)), in: token.room)
    }
}

// MARK: - Account keys

extension Accounts {
    package func issueAccountKey(named name: String, for user: UserID) async throws -> (secret: String, key: AccountKey)
    {
        let secret = try SecureRandom.token(prefix: "slp_acct_")
        let key = AccountKey(
            hash: Self.hash(secret), user: user, name: name, createdAt: clock(), expiresAt: nil, revokedAt: nil)
        try await store.createAccountKey(key)
        return (secret, key)
    }

    package func revokeAccountKey(_ name: String, by user: UserID) async throws {
        let hash = Self.hash(naming: name)
        guard let key = try await store.accountKey(hash), key.user == user else {
            throw Fault.notFound("Account key not found")
        }
        _ = try await store.revokeAccountKey(hash, at: clock())
        await directory?.revoke(.proof(.accountKey(hash)))
    }
}

// MARK: - Members

extension Accounts {
    /// Takes a member out of a room: by the owner, or by the member. An owner cannot leave the room alone.
    package func removeMember(_ member: UserID, from room: RoomID, by user: UserID) async throws {
        let role = try await store.membership(of: user, in: room)?.role
        guard let role, role == .owner || member == user else {
            throw Fault.forbidden("Only the room owner can remove members")
        }
        guard !(role == .owner && member == user) else {
            throw Fault.forbidden("The owner cannot leave the room; delete it instead")
        }
        guard try await store.removeMember(member, from: room) else {
            throw Fault.notFound("There is no such member in this room")
        }
        await directory?.revoke(.user(member), in: room)
    }
}
