import RoomCore
import RoomStorage
import Testing

extension AccountDuties {
    static let workerTokens: [Duty<RecordUnderTest>] = [
        Duty("a worker token is found by its hash alone") { record in
            let room = try await record.newRoomRecord()
            let token = WorkerToken.sample(in: room, expiresAt: moment(50))
            try await record.accounts.createWorkerToken(token)
            #expect(try await record.accounts.workerToken(token.hash) == token)
            #expect(try await record.accounts.workerToken(uniqueHash()) == nil)
        },
        Duty("a worker token is made once, and none in a room that is gone") { record in
            let room = try await record.newRoomRecord()
            let token = WorkerToken.sample(in: room)
            try await record.accounts.createWorkerToken(token)
            try await record.accounts.createWorkerToken(WorkerToken.sample(in: room, hash: token.hash, worker: "other"))
            #expect(try await record.accounts.workerToken(token.hash) == token)
            try await record.accounts.deleteRoom(room.id)
            try await record.accounts.createWorkerToken(token)
            #expect(try await record.accounts.workerToken(token.hash) == nil)
        },
        Duty("worker tokens of a creator come oldest first") { record in
            let room = try await record.newRoomRecord()
            let newer = WorkerToken.sample(in: room, createdAt: moment(2))
            let older = WorkerToken.sample(in: room, createdAt: moment(1))
            for token in [newer, older] { try await record.accounts.createWorkerToken(token) }
            #expect(try await record.accounts.workerTokens(createdBy: room.createdBy) == [older, newer])
            #expect(try await record.accounts.workerTokens(createdBy: try await record.newUser()).isEmpty)
        },
        Duty("worker tokens of a room come oldest first, whoever made them") { record in
            let (room, other) = (try await record.newRoomRecord(), try await record.newRoomRecord())
            let newer = WorkerToken.sample(in: room, createdAt: moment(2))
            let older = WorkerToken.sample(in: room, createdAt: moment(1))
            for token in [newer, older, WorkerToken.sample(in: other)] {
                try await record.accounts.createWorkerToken(token)
            }
            #expect(try await record.accounts.workerTokens(in: room.id) == [older, newer])
            try await record.accounts.deleteRoom(room.id)
            #expect(try await record.accounts.workerTokens(in: room.id).isEmpty)
        },
        Duty("a worker token is revoked once and keeps that moment") { record in
            let token = WorkerToken.sample(in: try await record.newRoomRecord())
            try await record.accounts.createWorkerToken(token)
            #expect(try await record.accounts.revokeWorkerToken(token.hash, at: moment(5)))
            #expect(try await record.accounts.revokeWorkerToken(token.hash, at: moment(6)))
            #expect(try await record.accounts.workerToken(token.hash)?.revokedAt == moment(5))
            #expect(try await record.accounts.revokeWorkerToken(uniqueHash(), at: moment(5)) == false)
        },
        Duty("a worker token is deleted once") { record in
            let token = WorkerToken.sample(in: try await record.newRoomRecord())
            try await record.accounts.createWorkerToken(token)
            #expect(try await record.accounts.deleteWorkerToken(token.hash))
            #expect(try await record.accounts.deleteWorkerToken(token.hash) == false)
            #expect(try await record.accounts.workerToken(token.hash) == nil)
        },
    ]

    static let accountKeys: [Duty<RecordUnderTest>] = [
        Duty("an account key is made once and found by its hash alone") { record in
            let key = AccountKey.sample(of: try await record.newUser(), name: "", expiresAt: moment(50))
            try await record.accounts.createAccountKey(key)
            try await record.accounts.createAccountKey(AccountKey.sample(of: key.user, hash: key.hash, name: "other"))
            #expect(try await record.accounts.accountKey(key.hash) == key)
            #expect(try await record.accounts.accountKey(uniqueHash()) == nil)
        },
        Duty("account keys of a user come oldest first") { record in
            let user = try await record.newUser()
            let newer = AccountKey.sample(of: user, createdAt: moment(2))
            let older = AccountKey.sample(of: user, name: "ключ", createdAt: moment(1))
            for key in [newer, older] { try await record.accounts.createAccountKey(key) }
            #expect(try await record.accounts.accountKeys(of: user) == [older, newer])
            #expect(try await record.accounts.accountKeys(of: try await record.newUser()).isEmpty)
        },
        Duty("an account key is revoked once and keeps that moment") { record in
            let key = AccountKey.sample(of: try await record.newUser())
            try await record.accounts.createAccountKey(key)
            #expect(try await record.accounts.revokeAccountKey(key.hash, at: moment(5)))
            #expect(try await record.accounts.revokeAccountKey(key.hash, at: moment(6)))
            #expect(try await record.accounts.accountKey(key.hash)?.revokedAt == moment(5))
            #expect(try await record.accounts.revokeAccountKey(uniqueHash(), at: moment(5)) == false)
        },
        Duty("an account key is deleted once") { record in
            let key = AccountKey.sample(of: try await record.newUser())
            try await record.accounts.createAccountKey(key)
            #expect(try await record.accounts.deleteAccountKey(key.hash))
            #expect(try await record.accounts.deleteAccountKey(key.hash) == false)
            #expect(try await record.accounts.accountKey(key.hash) == nil)
        },
    ]
}

func uniqueHash() -> SecretHash { SecretHash(trusted: (0..<4).map { _ in uniqueHex() }.joined()) }

extension WorkerToken {
    static func sample(
        in room: RoomRecord, hash: SecretHash = uniqueHash(), worker: String = "worker",
        createdAt: Timestamp = moment(1),
        expiresAt: Timestamp? = nil
    ) -> WorkerToken {
        WorkerToken(
            hash: hash, room: room.id, worker: WorkerName(trusted: worker), createdBy: room.createdBy,
            createdAt: createdAt, expiresAt: expiresAt, revokedAt: nil)
    }
}

extension AccountKey {
    static func sample(
        of user: UserID, hash: SecretHash = uniqueHash(), name: String = "default", createdAt: Timestamp = moment(1),
        expiresAt: Timestamp? = nil
    ) -> AccountKey {
        AccountKey(
            hash: hash, user: user, name: name, createdAt: createdAt, expiresAt: expiresAt, revokedAt: nil)
    }
}
