import RoomCore
import RoomStorage
import Testing

extension AccountDuties {
    static let groups: [Duty<RecordUnderTest>] = [
        Duty("a room's groups are those that were set last, by name") { record in
            let room = try await record.newRoomRecord()
            #expect(try await record.accounts.groupRoles(in: room.id).isEmpty)
            #expect(try await record.accounts.setGroupRoles(GroupRole.samples.reversed(), in: room.id))
            #expect(try await record.accounts.groupRoles(in: room.id) == GroupRole.samples)
            let other = GroupRole(group: GroupRole.samples[0].group, role: .viewer)
            #expect(try await record.accounts.setGroupRoles([other], in: room.id))
            #expect(try await record.accounts.groupRoles(in: room.id) == [other])
            let gone = RoomID(trusted: uniqueHex())
            #expect(try await record.accounts.setGroupRoles(GroupRole.samples, in: gone) == false)
            #expect(try await record.accounts.groupRoles(in: gone).isEmpty)
        },
        Duty("a member has the highest of their own role and their groups'") { record in
            let (room, accounts) = (try await record.newRoomRecord(), record.accounts)
            let names = ["a", "b", "c"].map { GroupName(trusted: "\($0)-\(uniqueHex())") }
            let roles = zip(names, [MemberRole.viewer, .maintainer, .worker]).map { GroupRole(group: $0, role: $1) }
            _ = try await accounts.setGroupRoles(roles, in: room.id)
            let user = try await record.member(.publisher, of: room.id, joinedAt: moment(7))
            let told: [(Set<GroupName>, MemberRole)] = [
                ([names[0]], .publisher), (Set(names), .maintainer), ([names[2]], .publisher), ([], .publisher),
            ]
            for (groups, role) in told {
                try await accounts.note(UserGroups(names: groups, toldAt: moment(3)), of: user)
                let membership = try #require(try await accounts.membership(of: user, in: room.id))
                #expect(membership.role == role && membership.ownRole == .publisher)
                #expect(Set(membership.groups) == groups && membership.joinedAt == moment(7))
                #expect(try await accounts.members(of: room.id).contains(membership))
                #expect(try await accounts.access(to: room.id)?.roles[user] == role)
            }
        },
        Duty("a group's role lets in who is no member, everywhere that members are listed") { record in
            let (room, accounts) = (try await record.newRoomRecord(), record.accounts)
            let names = ["a", "b"].map { GroupName(trusted: "\($0)-\(uniqueHex())") }
            _ = try await accounts.setGroupRoles(names.map { GroupRole(group: $0, role: .worker) }, in: room.id)
            let user = try await record.newUser()
            _ = try await accounts.registerPublicKey(PublicKey.sample(of: user))
            try await accounts.note(UserGroups(names: Set(names), toldAt: moment(5)), of: user)
            let membership = try #require(try await accounts.membership(of: user, in: room.id))
            #expect(membership.role == .worker && membership.ownRole == nil && membership.groups == names)
            #expect(try await accounts.rooms(of: user).map(\.room) == [room])
            #expect(try await accounts.rooms(of: user).map(\.membership) == [membership])
            #expect(try await accounts.users(in: room.id).map(\.id).sorted() == [room.createdBy, user].sorted())
            #expect(try await accounts.publicKeys(in: room.id).map(\.user) == [user])
            #expect(try await accounts.setRole(.viewer, of: user, in: room.id) == .noSuchMember)
        },
        Duty("what an issuer told last counts, until it is forgotten") { record in
            let (user, accounts) = (try await record.newUser(), record.accounts)
            let names = ["a", "b"].map { GroupName(trusted: "\($0)-\(uniqueHex())") }
            #expect(try await accounts.groups(of: user) == nil)
            for groups in [
                UserGroups(names: [names[0]], toldAt: moment(-9)), UserGroups(names: Set(names), toldAt: moment(-8)),
            ] {
                try await accounts.note(groups, of: user)
                #expect(try await accounts.groups(of: user) == groups)
            }
            // Checks that share a store tell later moments.
            try await accounts.forgetGroups(toldBefore: moment(-8))
            #expect(try await accounts.groups(of: user)?.names == Set(names))
            try await accounts.forgetGroups(toldBefore: moment(-7))
            #expect(try await accounts.groups(of: user) == nil)
        },
    ]

    static let invitations: [Duty<RecordUnderTest>] = [
        Duty("an invitation is kept once, for a room that is there") { record in
            let room = try await record.newRoomRecord()
            let invitation = Invitation.sample(to: room, uses: 3)
            #expect(try await record.accounts.invite(invitation))
            #expect(try await record.accounts.invite(invitation) == false)
            #expect(try await record.accounts.invitation(invitation.code) == invitation)
            let endless = Invitation.sample(to: room, uses: nil)
            #expect(try await record.accounts.invite(endless))
            #expect(try await record.accounts.invitation(endless.code) == endless)
            try await record.accounts.deleteRoom(room.id)
            #expect(try await record.accounts.invitation(invitation.code) == nil)
            #expect(try await record.accounts.invite(invitation) == false)
        },
        Duty("an invitation gives its role, and who is a member uses none up") { record in
            let (room, accounts) = (try await record.newRoomRecord(), record.accounts)
            let invitation = Invitation.sample(to: room, role: .viewer, uses: 2)
            _ = try await accounts.invite(invitation)
            let user = try await record.newUser()
            #expect(try await accounts.redeem(invitation.code, for: user, at: moment(4)))
            #expect(try await accounts.redeem(invitation.code, for: user, at: moment(5)) == false)
            #expect(try await accounts.redeem(invitation.code, for: room.createdBy, at: moment(5)) == false)
            let joined = Membership(room: room.id, user: user, role: .viewer, joinedAt: moment(4))
            #expect(try await accounts.membership(of: user, in: room.id) == joined)
            #expect(try await accounts.membership(of: room.createdBy, in: room.id)?.role == .owner)
            #expect(try await accounts.invitation(invitation.code)?.used == 1)
        },
        Duty("of sixteen who redeem at one moment as many come in as there are uses") { record in
            let (room, accounts) = (try await record.newRoomRecord(), record.accounts)
            let invitation = Invitation.sample(to: room, uses: 5)
            _ = try await accounts.invite(invitation)
            let joined = try await sideBySide(16) { number in
                try await accounts.redeem(
                    invitation.code, for: UserID(trusted: "\(number)-\(room.id)"), at: moment(4))
            }
            #expect(joined.count { $0 } == 5)
            #expect(try await accounts.members(of: room.id).count == 6)
            #expect(try await accounts.invitation(invitation.code)?.used == 5)
        },
        Duty("an invitation does not bring back who was removed after it was made") { record in
            let (room, accounts) = (try await record.newRoomRecord(), record.accounts)
            let (old, new) = (
                Invitation.sample(to: room, madeAt: moment(1)), Invitation.sample(to: room, madeAt: moment(6))
            )
            _ = try await accounts.invite(old)
            _ = try await accounts.invite(new)
            let (removed, left) = (
                try await record.member(.publisher, of: room.id), try await record.member(.publisher, of: room.id)
            )
            #expect(try await accounts.removeMember(removed, from: room.id, forbidding: moment(5)) == .changed)
            #expect(try await accounts.removeMember(left, from: room.id, forbidding: nil) == .changed)
            #expect(try await accounts.redeem(old.code, for: removed, at: moment(7)) == false)
            #expect(try await accounts.redeem(old.code, for: left, at: moment(7)))
            #expect(try await accounts.redeem(new.code, for: removed, at: moment(7)))
        },
        Duty("invitations that ended are forgotten") { record in
            let (room, accounts) = (try await record.newRoomRecord(), record.accounts)
            let (old, new) = (
                Invitation.sample(to: room, expiresAt: moment(-9)), Invitation.sample(to: room, expiresAt: moment(9))
            )
            _ = try await accounts.invite(old)
            _ = try await accounts.invite(new)
            try await accounts.forgetInvitations(endedBefore: moment(-8))
            #expect(try await accounts.invitation(old.code) == nil)
            #expect(try await accounts.invitation(new.code) == new)
        },
    ]
}

extension Invitation {
    fileprivate static func sample(
        to room: RoomRecord, role: MemberRole = .publisher, madeAt: Timestamp = moment(1),
        expiresAt: Timestamp = moment(99), uses: Int? = nil
    ) -> Invitation {
        Invitation(
            code: SecretHash(trusted: uniqueHex() + uniqueHex() + uniqueHex() + uniqueHex()), room: room.id,
            role: role, madeBy: room.createdBy, madeAt: madeAt, expiresAt: expiresAt, uses: uses)
    }
}
