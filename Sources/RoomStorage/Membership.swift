import RoomCore

/// What somebody is in a room.
package struct Membership: Sendable, Equatable {
    package let room: RoomID
    package let user: UserID
    /// The highest of their own and their groups'.
    package let role: MemberRole
    /// Nil for one who is in the room by groups alone.
    package let ownRole: MemberRole?
    /// Those of their groups that the room gives a role, by name.
    package let groups: [GroupName]
    package let joinedAt: Timestamp

    package init(room: RoomID, user: UserID, role: MemberRole, joinedAt: Timestamp) {
        self.init(room: room, user: user, role: role, ownRole: role, groups: [], joinedAt: joinedAt)
    }

    private init(
        room: RoomID, user: UserID, role: MemberRole, ownRole: MemberRole?, groups: [GroupName], joinedAt: Timestamp
    ) {
        self.room = room
        self.user = user
        self.role = role
        self.ownRole = ownRole
        self.groups = groups
        self.joinedAt = joinedAt
    }
}

/// One reason why somebody is in a room.
package struct Standing: Sendable, Equatable {
    package let room: RoomID
    package let user: UserID
    package let role: MemberRole
    package let since: Timestamp
    /// Nil for their own membership.
    package let group: GroupName?

    package init(room: RoomID, user: UserID, role: MemberRole, since: Timestamp, group: GroupName?) {
        self.room = room
        self.user = user
        self.role = role
        self.since = since
        self.group = group
    }
}

extension Membership {
    /// The memberships that reasons come to, oldest first, then by room and user.
    package static func all(_ standings: [Standing]) -> [Membership] {
        struct Key: Hashable {
            let room: RoomID
            let user: UserID
        }
        let reasons = Dictionary(grouping: standings) { Key(room: $0.room, user: $0.user) }
        return reasons.map { Membership($0.key.room, $0.key.user, $0.value) }.sorted { left, right in
            (left.joinedAt, left.user, left.room) < (right.joinedAt, right.user, right.room)
        }
    }

    private init(_ room: RoomID, _ user: UserID, _ reasons: [Standing]) {
        let own = reasons.first { $0.group == nil }
        self.init(
            room: room, user: user, role: reasons.map(\.role).max() ?? .viewer, ownRole: own?.role,
            groups: reasons.compactMap(\.group).sorted(),
            joinedAt: own?.since ?? reasons.map(\.since).min() ?? Timestamp(seconds: 0))
    }
}
