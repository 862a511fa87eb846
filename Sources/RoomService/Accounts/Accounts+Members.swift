import RoomCore
import RoomStorage

/// A member as the others see it; without a user, it never logged in here.
package struct Member: Sendable, Equatable {
    package let membership: Membership
    package let user: User?

    package var username: String { user?.username ?? membership.user.text }
}

// MARK: - Members

extension Accounts {
    package func members(of room: RoomID, for user: UserID) async throws -> [Member] {
        _ = try await self.room(room, for: user)
        return try await members(of: room)
    }

    func members(of room: RoomID) async throws -> [Member] {
        let users = try await store.users(in: room)
        let byID = Dictionary(users.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return try await store.members(of: room).map { Member(membership: $0, user: byID[$0.user]) }
    }

    /// Takes a member out of a room, with every socket of it and of its worker tokens: the owner anybody else, a member
    /// itself. Invitations that are out already do not let back in whom the owner removed.
    package func removeMember(_ member: UserID, from room: RoomID, by user: UserID) async throws {
        let (_, membership) = try await self.room(room, for: user)
        if member != user {
            try check(.removeMembers, for: membership.role)
        } else if membership.ownRole == .owner {
            throw Fault.invalid("The owner cannot leave the room; delete it instead")
        }
        guard let standing = try await store.membership(of: member, in: room) else {
            throw Fault.notFound(Self.noSuchMember)
        }
        guard standing.ownRole != nil else {
            throw Fault.invalid(
                "\(member) is in the room by the group \(standing.groups.map(\.text).joined(separator: ", ")): change "
                    + "the roles of its groups instead")
        }
        let forbidding = member == user ? nil : clock()
        try settle(try await store.removeMember(member, from: room, forbidding: forbidding), of: member)
        await directory?.revoke(.user(member), in: room)
    }

    package static let noSuchMember = "There is no such member in this room"
}
