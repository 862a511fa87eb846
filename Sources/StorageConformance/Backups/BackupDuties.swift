import RoomCore
import RoomStorage
import Testing

/// The duties of a ``BackupSource``.
package enum BackupDuties {
    package static let all: [Duty<BackupSourceUnderTest>] = due + claims + restores

    static let due: [Duty<BackupSourceUnderTest>] = [
        Duty("a new room is due until it is noted") { test in
            let room = try await test.record.newRoom()
            #expect(try await test.source.oldestDueBackup() != nil)
            #expect(try await test.claim() == [room])
            try await test.keep(room)
            #expect(try await test.claim().isEmpty)
            #expect(try await test.source.oldestDueBackup() == nil)
        },
        Duty("a room is due from its change on, since that change's moment") { test in
            let room = try await test.record.newRoom(changes: 2)
            try await test.keepEverything()
            try await test.record.expectCommitted(room, after: 2, [change(3), change(4)])
            #expect(try await test.source.oldestDueBackup() == moment(3))
            #expect(try await test.claim() == [room])
        },
        Duty("what is committed after the state that is noted stays due") { test in
            let room = try await test.record.newRoom(changes: 2)
            _ = try await test.claim()
            let seen = try #require(try await test.source.dossier(of: room))
            try await test.record.expectCommitted(room, after: 2, [change(3)])
            let note = BackupNote(
                room: room,
                state: .room(epoch: epoch, revision: seen.head.revision, dossierVersion: seen.version))
            try await test.source.note(note, by: ServerID("one"))
            #expect(try await test.claim() == [room])
        },
        Duty("members, roles, policy, groups, tokens and a new epoch make a room due") { test in
            let room = try await test.record.newRoom(changes: 2)
            let user = try await test.record.newUser()
            let token = WorkerToken.backupSample(in: room)
            let steps: [@Sendable () async throws -> Void] = [
                {
                    try await test.record.accounts.join(
                        Membership(room: room, user: user, role: .publisher, joinedAt: moment(9)))
                },
                { _ = try await test.record.accounts.setRole(.maintainer, of: user, in: room) },
                { _ = try await test.record.accounts.setPolicy(.sample, of: room) },
                { _ = try await test.record.accounts.setGroupRoles(GroupRole.samples, in: room) },
                { _ = try await test.record.accounts.setGroupRoles([], in: room) },
                { try await test.record.accounts.createWorkerToken(token) },
                { _ = try await test.record.accounts.revokeWorkerToken(token.hash, at: moment(9)) },
                { _ = try await test.record.accounts.removeMember(user, from: room, forbidding: moment(9)) },
                { _ = try await test.record.accounts.deleteWorkerToken(token.hash) },
                { _ = try await test.record.manifests.restart(from: snapshot(room, at: 2, epoch: laterEpoch)) },
            ]
            for step in steps {
                try await test.keepEverything()
                #expect(try await test.claim().isEmpty)
                try await step()
                #expect(try await test.claim() == [room])
                try await test.keep(room)
            }
        },
        Duty("a deleted room is due until its deletion is noted") { test in
            let room = try await test.record.newRoom(changes: 2)
            try await test.record.accounts.deleteRoom(room)
            let claims = try await test.source.claimBackups(
                by: ServerID("one"), at: moment(5), forSeconds: 60, limit: 9)
            #expect(claims.map(\.room) == [room])
            #expect(claims.first?.deletedAt != nil)
            #expect(try await test.source.dossier(of: room) == nil)
            try await test.keep(room)
            #expect(try await test.claim().isEmpty)
        },
        Duty("forgetting backups makes every room due") { test in
            let rooms = [try await test.record.newRoom(), try await test.record.newRoom(changes: 1)]
            try await test.keepEverything()
            try await test.source.forgetBackups()
            #expect(Set(try await test.claim()) == Set(rooms))
        },
        Duty("receipts, snapshots and sightings make nothing due") { test in
            let room = try await test.record.newRoom(changes: 2)
            try await test.keepEverything()
            try await test.record.expectCommitted(room, after: 2, [], receipts: [receipt(room, key: "k")])
            try await test.record.manifests.store(snapshot(room, at: 2))
            #expect(try await test.claim().isEmpty)
        },
    ]

    static let claims: [Duty<BackupSourceUnderTest>] = [
        Duty("those that waited longest are claimed first") { test in
            var rooms: [RoomID] = []
            for _ in 0..<3 { rooms.append(try await test.record.newRoom()) }
            try await test.keepEverything()
            for (index, second) in [30, 10, 20].enumerated() {
                try await test.record.expectCommitted(rooms[index], after: 0, [change(1, at: Int64(second))])
            }
            #expect(try await test.claim(limit: 2) == [rooms[1], rooms[2]])
            #expect(try await test.claim(limit: 2) == [rooms[0]])
        },
        Duty("of eight who claim at once, one gets a room") { test in
            for _ in 0..<10 { _ = try await test.record.newRoom() }
            let claimed = try await sideBySide(8) { number in
                try await test.claim(by: ServerID("server-\(number)"), limit: 4)
            }
            let rooms = claimed.flatMap { $0 }
            #expect(Set(rooms).count == rooms.count)
            let rest = try await test.claim()
            #expect(Set(rooms + rest).count == 10)
        },
        Duty("a claim ends with its term, and its holder can note no more") { test in
            let room = try await test.record.newRoom()
            let now = moment(100)
            #expect(try await test.claim(by: ServerID("one"), at: now) == [room])
            #expect(try await test.claim(by: ServerID("two"), at: now.advanced(bySeconds: 59)).isEmpty)
            #expect(try await test.claim(by: ServerID("two"), at: now.advanced(bySeconds: 60)) == [room])
            try await test.keep(room, by: ServerID("one"))
            #expect(try await test.source.oldestDueBackup() != nil)
            try await test.keep(room, by: ServerID("two"))
            #expect(try await test.source.oldestDueBackup() == nil)
        },
        Duty("a claim that is given up is there for others") { test in
            let room = try await test.record.newRoom()
            #expect(try await test.claim() == [room])
            try await test.source.releaseBackup(of: room, by: ServerID("two"))
            #expect(try await test.claim().isEmpty)
            try await test.source.releaseBackup(of: room, by: ServerID("one"))
            #expect(try await test.claim(by: ServerID("two")) == [room])
        },
        Duty("all who ask at once get one installation value") { test in
            let values = try await sideBySide(8) { number in
                try await test.source.installationValue("id", orElse: "value-\(number)")
            }
            #expect(Set(values).count == 1)
            #expect(try await test.source.installationValue("other", orElse: "x") == "x")
        },
    ]
}

extension WorkerToken {
    static func backupSample(in room: RoomID) -> WorkerToken {
        WorkerToken(
            hash: SecretHash(trusted: uniqueHex() + uniqueHex() + uniqueHex() + uniqueHex()), room: room,
            worker: WorkerName(trusted: "gpu-1"), createdBy: UserID(trusted: "u"), createdAt: moment(1),
            expiresAt: moment(99), revokedAt: nil)
    }
}
