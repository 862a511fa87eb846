import RoomCore
import RoomStorage

/// Roles, policy and groups of a room. What changes here counts at once, on every server and every open socket.
extension Accounts {
    /// Checks that a role may do something, by the one table of ``Permissions``. The policy bears on no verb of these.
    func check(_ verb: RoomVerb, for role: MemberRole?) throws {
        do throws(Refusal) {
            try Permissions().check(verb, for: role)
        } catch {
            guard case .forbidden(let text) = error else { throw error }
            throw Fault.forbidden(text)
        }
    }

    package func policy(of room: RoomID, for user: UserID) async throws -> RoomPolicy {
        try check(.readRoom, for: try await self.room(room, for: user).membership.role)
        guard let policy = try await store.policy(of: room) else { throw Fault.notFound("Room not found") }
        return policy
    }

    package func setPolicy(_ policy: RoomPolicy, of room: RoomID, by user: UserID) async throws {
        try check(.changePolicy, for: try await self.room(room, for: user).membership.role)
        guard try await store.setPolicy(policy, of: room) else { throw Fault.notFound("Room not found") }
        await directory?.accessChanged(in: room)
    }

    package func groupRoles(in room: RoomID, for user: UserID) async throws -> [GroupRole] {
        try check(.readRoom, for: try await self.room(room, for: user).membership.role)
        return try await store.groupRoles(in: room)
    }

    package func setGroupRoles(_ roles: [GroupRole], in room: RoomID, by user: UserID) async throws {
        try check(.changeRoles, for: try await self.room(room, for: user).membership.role)
        guard try await store.setGroupRoles(roles, in: room) else { throw Fault.notFound("Room not found") }
        await directory?.accessChanged(in: room)
    }

    package func member(_ member: UserID, of room: RoomID, for user: UserID) async throws -> Member {
        try check(.readRoom, for: try await self.room(room, for: user).membership.role)
        guard let membership = try await store.membership(of: member, in: room) else {
            throw Fault.notFound(Self.noSuchMember)
        }
        return Member(membership: membership, user: try await store.user(member))
    }

    /// Gives a member another role of their own; one that groups give them stays.
    package func setRole(
        _ role: MemberRole, of member: UserID, in room: RoomID, by user: UserID
    ) async throws -> Member {
        try check(.changeRoles, for: try await self.room(room, for: user).membership.role)
        try settle(try await store.setRole(role, of: member, in: room), of: member)
        await directory?.accessChanged(in: room)
        // Whoever gave their own ownership away may look no longer than now.
        guard let membership = try await store.membership(of: member, in: room) else {
            throw Fault.notFound(Self.noSuchMember)
        }
        return Member(membership: membership, user: try await store.user(member))
    }

    func settle(_ change: MemberChange, of member: UserID) throws {
        switch change {
        case .changed: return
        case .noSuchMember: throw Fault.notFound(Self.noSuchMember)
        case .lastOwner:
            throw Fault.invalid(
                "\(member) is the only owner of the room, which nobody could govern any more: make another member its "
                    + "owner first")
        }
    }
}

extension Permissions {
    /// Who is no member of the room may nothing.
    func check(_ verb: RoomVerb, for role: MemberRole?) throws(Refusal) {
        if let role { return try check(verb, for: role) }
        guard !allow(verb, to: MemberRole.viewer) else { throw .forbidden("You are no member of this room") }
        try check(verb, for: MemberRole.viewer)
    }
}
