import Cryptography
import RoomCore
import RoomStorage
import WireMessages

/// Makes and revokes what opens rooms. A credential that ends takes its open sockets with it at once.
package struct Accounts: Sendable {
    package enum Fault: Error, Equatable, Sendable {
        case notFound(String)
        case forbidden(String)
        /// What was asked makes no sense as things stand.
        case invalid(String)
        /// A bound of ``AccountLimits`` is reached.
        case limit(String)
        case tooOften(String, retryAfterSeconds: Int64)
    }

    let store: any AccountStore
    let authority: TokenAuthority
    let clock: @Sendable () -> Timestamp
    let bearers: Bearers
    /// Nil where no sockets are served, as in a command beside the server.
    let directory: RoomDirectory?
    package var limits = AccountLimits()

    package init(
        store: any AccountStore, authority: TokenAuthority, issuers: any TrustedIssuers = NoIssuers(),
        clock: @escaping @Sendable () -> Timestamp, directory: RoomDirectory?
    ) {
        self.store = store
        self.authority = authority
        bearers = Bearers(authority: authority, issuers: issuers, store: store)
        self.clock = clock
        self.directory = directory
    }

    /// Who a bearer credential is: an account key, or a JWT of ours or of an issuer that is trusted. Nil when it is none or
    /// no longer good; a store or an issuer that cannot be asked is an error of its own, since that says nothing of the credential.
    package func user(bearer secret: String) async throws -> User? {
        if secret.hasPrefix("slp_acct_") {
            guard let key = try await store.accountKey(Self.hash(secret)), key.revokedAt == nil,
                key.expiresAt.map({ $0 > clock() }) ?? true
            else { return nil }
            return try await store.user(key.user)
        }
        let bearer: TokenAuthority.Bearer
        do {
            bearer = try await bearers.bearer(of: secret, at: clock())
        } catch IssuerFault.refused, IssuerFault.revoked {
            return nil
        }
        if let user = try await store.user(bearer.user) { return user }
        return User(id: bearer.user, username: bearer.username, createdAt: clock())
    }

    static func hash(_ secret: String) -> SecretHash { SecretHash(trusted: SHA256.hex(secret)) }

    /// A credential is named by itself or by its hash, so that lists need not show it.
    static func hash(naming name: String) -> SecretHash { SecretHash(name) ?? hash(name) }

    /// Whether a user may see what is in a room.
    package func isMember(_ user: UserID, of room: RoomID) async throws -> Bool {
        try await store.membership(of: user, in: room) != nil
    }
}
