import RoomCore
import RoomStorage

/// Who calls over HTTP: a user, or a worker by its token.
package enum Caller: Sendable, Equatable {
    case user(User)
    case worker(WorkerToken)

    /// As sessions are told apart; see ``Identity/principal``.
    package var principal: String {
        switch self {
        case .user(let user): "user:\(user.id)"
        case .worker(let token): "token:\(token.hash)"
        }
    }
}

extension Accounts {
    /// Whom a bearer credential proves; nil when it proves nobody, or no longer.
    package func caller(bearer secret: String) async throws -> Caller? {
        guard secret.hasPrefix("slp_"), !secret.hasPrefix("slp_acct_") else {
            return try await user(bearer: secret).map(Caller.user)
        }
        // Who is taken out of a room leaves no worker behind.
        guard let token = try await store.workerToken(Self.hash(secret)), token.revokedAt == nil,
            token.expiresAt.map({ $0 > clock() }) ?? true,
            try await store.membership(of: token.createdBy, in: token.room) != nil
        else { return nil }
        return .worker(token)
    }

    /// What a caller may do in a room that is open; nil when it is no part of it.
    package func role(of caller: Caller, in room: RoomID) async throws -> ActorRole? {
        let role: ActorRole?
        switch caller {
        case .user(let user): role = try await store.membership(of: user.id, in: room).map { .member($0.role) }
        case .worker(let token):
            guard token.room == room else { return nil }
            role = try await store.membership(of: token.createdBy, in: room).map { .workerToken(of: $0.role) }
        }
        guard role != nil, let record = try await store.room(room), record.expiresAt.map({ $0 > clock() }) ?? true
        else { return nil }
        return role
    }
}
