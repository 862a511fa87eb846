/// Who acts, as their credential says.
package struct Actor: Sendable, Equatable {
    package let user: UserID
    package let username: String
    package let role: ActorRole
    /// The worker's stable name, for workers.
    package let worker: WorkerName?

    package init(user: UserID, username: String, role: ActorRole, worker: WorkerName?) {
        self.user = user
        self.username = username
        self.role = role
        self.worker = worker
    }
}

/// What a credential opens in a room: a member's role, or the right of a worker token.
package enum ActorRole: Sendable, Equatable {
    case member(MemberRole)
    case workerToken

    package var isOwner: Bool { self == .member(.owner) }

    /// Whether the manifest may be written; viewers only read.
    package var mayWrite: Bool { self != .member(.viewer) }
}
