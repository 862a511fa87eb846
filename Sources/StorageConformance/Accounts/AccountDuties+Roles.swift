import RoomCore
import RoomStorage
import Testing

extension AccountDuties {
    static let roles: [Duty<RecordUnderTest>] = [
        Duty("a member gets every role and keeps the last") { record in
            let room = try await record.newRoomRecord()
            let user = try await record.member(.viewer, of: room.id)
            for role in MemberRole.allCases {
                #expect(try await record.accounts.setRole(role, of: user, in: room.id) == .changed)
                let membership = try #require(try await record.accounts.membership(of: user, in: room.id))
                #expect(membership.role == role && membership.ownRole == role && membership.groups == [])
            }
            let stranger = try await record.newUser()
            #expect(try await record.accounts.setRole(.viewer, of: stranger, in: room.id) == .noSuchMember)
        },
        Duty("a room keeps an owner of its own") { record in
            let room = try await record.newRoomRecord()
            let (accounts, owner) = (record.accounts, room.createdBy)
            #expect(try await accounts.setRole(.maintainer, of: owner, in: room.id) == .lastOwner)
            #expect(try await accounts.removeMember(owner, from: room.id, forbidding: nil) == .lastOwner)
            #expect(try await accounts.setRole(.owner, of: owner, in: room.id) == .changed)
            let second = try await record.member(.owner, of: room.id)
            #expect(try await accounts.setRole(.viewer, of: owner, in: room.id) == .changed)
            #expect(try await accounts.removeMember(second, from: room.id, forbidding: nil) == .lastOwner)
            #expect(try await accounts.members(of: room.id).filter { $0.role == .owner }.map(\.user) == [second])
        },
        Duty("an owner by group does not count as one of the room's own") { record in
            let room = try await record.newRoomRecord()
            let (group, accounts) = (GroupName(trusted: "chiefs-\(uniqueHex())"), record.accounts)
            _ = try await accounts.setGroupRoles([GroupRole(group: group, role: .owner)], in: room.id)
            let chief = try await record.newUser()
            try await accounts.note(UserGroups(names: [group], toldAt: moment(1)), of: chief)
            #expect(try await accounts.membership(of: chief, in: room.id)?.role == .owner)
            #expect(try await accounts.setRole(.viewer, of: room.createdBy, in: room.id) == .lastOwner)
        },
        Duty("of owners who demote each other at one moment, one stays") { record in
            let room = try await record.newRoomRecord()
            let others = [
                try await record.member(.owner, of: room.id), try await record.member(.owner, of: room.id),
                try await record.member(.owner, of: room.id),
            ]
            let owners = [room.createdBy] + others
            let changes = try await sideBySide(owners.count) { number in
                try await record.accounts.setRole(.viewer, of: owners[number], in: room.id)
            }
            #expect(changes.count { $0 == .lastOwner } == 1)
            #expect(try await record.accounts.members(of: room.id).count { $0.role == .owner } == 1)
        },
    ]

    static let access: [Duty<RecordUnderTest>] = [
        Duty("a room has the policy that was set last, and the usual one before") { record in
            let room = try await record.newRoomRecord()
            #expect(try await record.accounts.policy(of: room.id) == RoomPolicy())
            #expect(try await record.accounts.setPolicy(.sample, of: room.id))
            #expect(try await record.accounts.policy(of: room.id) == .sample)
            #expect(try await record.accounts.setPolicy(RoomPolicy(), of: room.id))
            #expect(try await record.accounts.policy(of: room.id) == RoomPolicy())
            let gone = RoomID(trusted: uniqueHex())
            #expect(try await record.accounts.setPolicy(.sample, of: gone) == false)
            #expect(try await record.accounts.policy(of: gone) == nil)
        },
        Duty("who may act in a room is told at once, with the number that tells it apart") { record in
            let room = try await record.newRoomRecord()
            let user = try await record.member(.worker, of: room.id)
            _ = try await record.accounts.setPolicy(.sample, of: room.id)
            let access = try #require(try await record.accounts.access(to: room.id))
            #expect(access.policy == .sample)
            #expect(access.roles == [room.createdBy: .owner, user: .worker])
            #expect(try await record.accounts.accessVersion(of: room.id) == access.version)
            let gone = RoomID(trusted: uniqueHex())
            #expect(try await record.accounts.access(to: gone) == nil)
            #expect(try await record.accounts.accessVersion(of: gone) == nil)
        },
        Duty("whatever changes a right changes the number, and nothing else does") { record in
            let (room, accounts) = (try await record.newRoomRecord(), record.accounts)
            let (user, guest) = (try await record.newUser(), try await record.newUser())
            let group = GroupName(trusted: "lab-\(uniqueHex())")
            let steps: [@Sendable () async throws -> Void] = [
                {
                    try await accounts.join(
                        Membership(room: room.id, user: user, role: .viewer, joinedAt: moment(1)))
                },
                { _ = try await accounts.setRole(.publisher, of: user, in: room.id) },
                { _ = try await accounts.setPolicy(.sample, of: room.id) },
                { _ = try await accounts.setGroupRoles([GroupRole(group: group, role: .worker)], in: room.id) },
                { try await accounts.note(UserGroups(names: [group], toldAt: moment(2)), of: guest) },
                { try await accounts.note(UserGroups(names: [], toldAt: moment(3)), of: guest) },
                { _ = try await accounts.removeMember(user, from: room.id, forbidding: nil) },
            ]
            var last = try await accounts.accessVersion(of: room.id)
            for (number, step) in steps.enumerated() {
                try await step()
                let version = try await accounts.accessVersion(of: room.id)
                #expect(version != last, "step \(number)")
                last = version
            }
            _ = try await accounts.renameRoom(room.id, to: "other")
            try await record.expectCommitted(room.id, after: 0, [change(1)])
            #expect(try await accounts.accessVersion(of: room.id) == last)
        },
    ]
}

extension RecordUnderTest {
    func member(_ role: MemberRole, of room: RoomID, joinedAt: Timestamp = moment(1)) async throws -> UserID {
        let user = try await newUser()
        try await accounts.join(Membership(room: room, user: user, role: role, joinedAt: joinedAt))
        return user
    }
}

extension RoomPolicy {
    static var sample: RoomPolicy {
        var policy = RoomPolicy()
        policy.publishing = .workersAfterTraining
        policy.protectedAliases = [Alias(trusted: "production"), Alias(trusted: "Staging.2")]
        policy.maintainersMoveProtectedAliases = true
        return policy
    }
}

extension GroupRole {
    static let samples = [
        GroupRole(group: GroupName(trusted: "/lab/Ärzte"), role: .maintainer),
        GroupRole(group: GroupName(trusted: "lab-admins"), role: .owner),
    ]
}
