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

    /// The same with another right.
    package func with(_ role: ActorRole) -> Actor { Actor(user: user, username: username, role: role, worker: worker) }
}

/// By what right somebody acts in a room.
package enum ActorRole: Sendable, Equatable {
    /// A member's role.
    case member(MemberRole)
    /// A worker token, with the role of whoever made it: it never does more than its maker may.
    case workerToken(of: MemberRole)
    /// The server itself, which acts in every room as it must.
    case server

    /// The role whose permissions count.
    package var granted: MemberRole {
        switch self {
        case .member(let role): role
        case .workerToken(let maker): min(.worker, maker)
        case .server: .owner
        }
    }
}
