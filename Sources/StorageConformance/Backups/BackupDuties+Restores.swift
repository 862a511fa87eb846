import RoomCore
import RoomStorage
import Testing

extension BackupDuties {
    static let restores: [Duty<BackupSourceUnderTest>] = [
        Duty("a dossier tells the room, its members, policy, groups, tokens and head") { test in
            let room = try await test.record.newRoom(changes: 3)
            let token = WorkerToken.backupSample(in: room)
            try await test.record.accounts.createWorkerToken(token)
            _ = try await test.record.accounts.setPolicy(.sample, of: room)
            _ = try await test.record.accounts.setGroupRoles(GroupRole.samples, in: room)
            let dossier = try #require(try await test.source.dossier(of: room))
            #expect(dossier.policy == .sample && dossier.groupRoles == GroupRole.samples)
            #expect(dossier.record == (try await test.record.accounts.room(room)))
            #expect(dossier.members == (try await test.record.accounts.members(of: room)))
            #expect(dossier.workerTokens == [token])
            #expect(dossier.head == RoomHead(epoch: epoch, revision: Revision(3), floor: .zero))
            #expect(try await test.record.accounts.roomIDs(after: nil, limit: 10) == [room])
        },
        Duty("a restored room is as it was, and goes on") { test in
            let room = try await test.record.newRoom(changes: 5)
            let token = WorkerToken.backupSample(in: room)
            try await test.record.accounts.createWorkerToken(token)
            for role in MemberRole.allCases { _ = try await test.record.member(role, of: room) }
            _ = try await test.record.accounts.setPolicy(.sample, of: room)
            _ = try await test.record.accounts.setGroupRoles(GroupRole.samples, in: room)
            let was = try #require(try await test.source.dossier(of: room))
            let start = snapshot(room, at: 3)
            let restored = RestoredRoom(
                dossier: was.standing(at: RoomHead(epoch: epoch, revision: Revision(5), floor: Revision(3))),
                snapshot: start, changes: [change(4), change(5)])
            #expect(try await test.empty.isEmpty())
            #expect(try await test.empty.restore([restored]) == [])
            #expect(try await test.empty.isEmpty() == false)
            let now = try #require(try await test.empty.dossier(of: room))
            #expect(now.record == was.record)
            #expect(now.members == was.members && was.members.count == MemberRole.allCases.count + 1)
            #expect(now.policy == .sample && now.groupRoles == GroupRole.samples)
            #expect(now.workerTokens == was.workerTokens)
            #expect(now.head == restored.dossier.head)
            #expect(now.version > was.version)
            #expect(try await test.emptyRecord.manifests.snapshot(of: room, atOrBefore: nil) == start)
            #expect(try await test.emptyRecord.revisions(room) == [4, 5])
            #expect(try await test.emptyRecord.revision(room, at: moment(3)) == 3)
            try await test.emptyRecord.expectCommitted(room, after: 5, [change(6)])
            #expect(try await test.emptyRecord.accounts.workerToken(token.hash) == token)
        },
        Duty("a room that is there stays as it is, and the others are restored") { test in
            let room = try await test.record.newRoom(changes: 2)
            let mine = try #require(try await test.source.dossier(of: room))
            let other = RoomRecord(
                id: RoomID(trusted: uniqueHex()), name: "n", createdBy: mine.record.createdBy, createdAt: moment(0),
                expiresAt: nil)
            let head = RoomHead(epoch: laterEpoch, revision: .zero, floor: .zero)
            let rooms = [mine.record, other].map { record in
                RestoredRoom(
                    dossier: RoomDossier(record: record, members: [], workerTokens: [], version: 1, head: head),
                    snapshot: nil, changes: [])
            }
            #expect(try await test.source.restore(rooms) == [room])
            #expect(try await test.source.dossier(of: room) == mine)
            #expect(try await test.source.dossier(of: other.id)?.head == head)
        },
        Duty("a restored room begins its epoch when it is restored") { test in
            let upkeep = try #require(test.emptyRecord.manifests as? any FileUpkeep)
            let room = try await test.record.newRoom()
            let dossier = try #require(try await test.source.dossier(of: room))
            _ = try await test.empty.restore([RestoredRoom(dossier: dossier, snapshot: nil, changes: [])])
            #expect(try #require(try await upkeep.epochStart(of: room)) > Timestamp(seconds: 1_700_000_000))
        },
        Duty("a restored room is due") { test in
            let room = try await test.record.newRoom()
            let dossier = try #require(try await test.source.dossier(of: room))
            _ = try await test.empty.restore([RestoredRoom(dossier: dossier, snapshot: nil, changes: [])])
            let claims = try await test.empty.claimBackups(
                by: ServerID("one"), at: moment(0), forSeconds: 9, limit: 9)
            #expect(claims.map(\.room) == [room])
        },
        Duty("people are restored with their keys, and their number goes on") { test in
            let before = try await test.source.peopleVersion()
            let user = try await test.record.newUser()
            let key = AccountKey(
                hash: WorkerToken.backupSample(in: RoomID(trusted: "r")).hash, user: user, name: "laptop",
                createdAt: moment(1), expiresAt: nil, revokedAt: nil)
            try await test.record.accounts.createAccountKey(key)
            let keyed = try await test.source.peopleVersion()
            let device = PublicKey.sample(of: user)
            _ = try await test.record.accounts.registerPublicKey(device)
            let people = try await test.source.people()
            #expect(people.users.map(\.id) == [user])
            #expect(people.accountKeys == [key])
            #expect(people.publicKeys == [device])
            #expect(keyed > before && people.version > keyed)
            #expect(try await test.source.peopleVersion() == people.version)
            try await test.empty.restore(people)
            let now = try await test.empty.people()
            #expect(now.users == people.users)
            #expect(now.accountKeys == people.accountKeys)
            #expect(now.publicKeys == people.publicKeys)
            #expect(now.version > people.version)
        },
    ]
}

extension RoomDossier {
    fileprivate func standing(at head: RoomHead) -> RoomDossier {
        RoomDossier(
            record: record, members: members, policy: policy, groupRoles: groupRoles, workerTokens: workerTokens,
            version: version, head: head)
    }
}
