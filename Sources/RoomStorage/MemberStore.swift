import RoomCore

/// Who belongs to rooms, as what, and by which policy.
///
/// Duties beside those of ``AccountStore``: a room keeps an owner of its own, whatever two do at one moment; a role is
/// the highest of a member's own and their groups'; the number of a room's access is another one from the commit of
/// whatever changes a role or the policy on, and one look-up by key tells it; of many who redeem an invitation at one
/// moment, no more come in than it has uses.
package protocol MemberStore: Sendable {
    /// Adds a member by their own role; one who is there keeps theirs.
    func join(_ membership: Membership) async throws(StoreError)
    func membership(of user: UserID, in room: RoomID) async throws(StoreError) -> Membership?
    func members(of room: RoomID) async throws(StoreError) -> [Membership]
    /// The users among a room's members, by their ids; a member who never logged in here is none.
    func users(in room: RoomID) async throws(StoreError) -> [User]
    /// Gives a member another role of their own.
    func setRole(_ role: MemberRole, of user: UserID, in room: RoomID) async throws(StoreError) -> MemberChange
    /// Takes a member's own role away.
    ///
    /// - Parameter moment: invitations made up to it do not bring them back; nil for one who left.
    func removeMember(
        _ user: UserID, from room: RoomID, forbidding moment: Timestamp?
    ) async throws(StoreError) -> MemberChange

    /// Who may act in a room, and by which policy; nil when there is no such room.
    func access(to room: RoomID) async throws(StoreError) -> RoomAccess?
    func accessVersion(of room: RoomID) async throws(StoreError) -> Int?
    func policy(of room: RoomID) async throws(StoreError) -> RoomPolicy?
    /// False when there is no such room.
    func setPolicy(_ policy: RoomPolicy, of room: RoomID) async throws(StoreError) -> Bool

    /// The roles that a room gives groups, by their names.
    func groupRoles(in room: RoomID) async throws(StoreError) -> [GroupRole]
    /// Puts these in the place of all there were; false when there is no such room.
    func setGroupRoles(_ roles: [GroupRole], in room: RoomID) async throws(StoreError) -> Bool
    /// The groups of a user as an issuer told them last; nil when none did.
    func groups(of user: UserID) async throws(StoreError) -> UserGroups?
    func note(_ groups: UserGroups, of user: UserID) async throws(StoreError)
    /// Forgets what issuers told before a moment.
    func forgetGroups(toldBefore moment: Timestamp) async throws(StoreError)

    /// Keeps an invitation; false when its code is taken, or its room is gone.
    func invite(_ invitation: Invitation) async throws(StoreError) -> Bool
    func invitation(_ code: SecretHash) async throws(StoreError) -> Invitation?
    /// Joins a user by an invitation that is not used up, and that they were not removed after; its end and whoever made it
    /// are the caller's to look at. False when that made nobody a member.
    func redeem(_ code: SecretHash, for user: UserID, at moment: Timestamp) async throws(StoreError) -> Bool
    /// Forgets invitations that ended before a moment.
    func forgetInvitations(endedBefore moment: Timestamp) async throws(StoreError)
}

/// What became of a change to a member.
package enum MemberChange: Sendable, Equatable {
    case changed
    case noSuchMember
    /// The room would be left without an owner of its own.
    case lastOwner
}

/// What an issuer told of a user's groups.
package struct UserGroups: Sendable, Equatable {
    package let names: Set<GroupName>
    package let toldAt: Timestamp

    package init(names: Set<GroupName>, toldAt: Timestamp) {
        self.names = names
        self.toldAt = toldAt
    }
}

/// By what users join a room: a code that only its maker was told, and what it makes of them.
package struct Invitation: Sendable, Equatable {
    package let code: SecretHash
    package let room: RoomID
    package let role: MemberRole
    package let madeBy: UserID
    package let madeAt: Timestamp
    package let expiresAt: Timestamp
    /// How many it lets in; nil for any number.
    package let uses: Int?
    package let used: Int

    package init(
        code: SecretHash, room: RoomID, role: MemberRole, madeBy: UserID, madeAt: Timestamp, expiresAt: Timestamp,
        uses: Int?, used: Int = 0
    ) {
        self.code = code
        self.room = room
        self.role = role
        self.madeBy = madeBy
        self.madeAt = madeAt
        self.expiresAt = expiresAt
        self.uses = uses
        self.used = used
    }

    package var isUsedUp: Bool { uses.map { used >= $0 } ?? false }
}
