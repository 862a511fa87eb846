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

    /// Whether a user may take a member out of a room: the owner anybody else, a member itself.
    func checkRemoval(of member: UserID, from room: RoomID, by user: UserID) async throws {
        let (_, membership) = try await self.room(room, for: user)
        guard membership.role == .owner || member == user else {
            throw Fault.forbidden("Only the room owner can remove members")
        }
        guard !(membership.role == .owner && member == user) else {
            throw Fault.invalid("The owner cannot leave the room; delete it instead")
        }
        guard try await store.membership(of: member, in: room) != nil else { throw Fault.notFound(Self.noSuchMember) }
    }

    /// Takes a member out of a room, with every socket of it and of its worker tokens. For ``Invites``, which first sees to
    /// it that codes that are out do not bring them back.
    func removeMember(_ member: UserID, from room: RoomID, by user: UserID) async throws {
        try await checkRemoval(of: member, from: room, by: user)
        guard try await store.removeMember(member, from: room) else { throw Fault.notFound(Self.noSuchMember) }
        await directory?.revoke(.user(member), in: room)
    }

    package static let noSuchMember = "There is no such member in this room"
}
