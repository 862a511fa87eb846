/// Who may act in a room, and by which policy, at one moment.
package struct RoomAccess: Sendable, Equatable {
    /// Another one whenever any of it changed.
    package let version: Int
    package let policy: RoomPolicy
    /// The highest of each member's own role and their groups'.
    package let roles: [UserID: MemberRole]

    package init(version: Int, policy: RoomPolicy, roles: [UserID: MemberRole]) {
        self.version = version
        self.policy = policy
        self.roles = roles
    }

    /// What somebody's right has become; nil for one who belongs to the room no more.
    package func standing(of role: ActorRole, _ user: UserID) -> ActorRole? {
        switch role {
        case .member: roles[user].map(ActorRole.member)
        case .workerToken: roles[user].map(ActorRole.workerToken(of:))
        case .server: .server
        }
    }
}
