import RoomCore
import RoomStorage
import Testing

extension AccountDuties {
    static let publicKeys: [Duty<RecordUnderTest>] = [
        Duty("a public key is registered once for its user, and again for another") { record in
            let (user, other) = (try await record.newUser(), try await record.newUser())
            let first = PublicKey.sample(of: user)
            #expect(try await record.accounts.registerPublicKey(first) == first)
            #expect(try await record.accounts.registerPublicKey(PublicKey.sample(of: user, key: first.key)) == first)
            let shared = PublicKey.sample(of: other, key: first.key)
            #expect(try await record.accounts.registerPublicKey(shared) == shared)
            #expect(try await record.accounts.publicKeys(of: user) == [first])
            #expect(try await record.accounts.publicKeys(of: other) == [shared])
        },
        Duty("public keys of a user come oldest first") { record in
            let user = try await record.newUser()
            let newer = PublicKey.sample(of: user, device: "ключ", at: moment(2))
            let older = PublicKey.sample(of: user, device: "", at: moment(1))
            for key in [newer, older] { _ = try await record.accounts.registerPublicKey(key) }
            #expect(try await record.accounts.publicKeys(of: user) == [older, newer])
        },
        Duty("the public keys in a room are those of its members") { record in
            let room = try await record.newRoomRecord()
            let guest = try await record.newUser()
            let own = PublicKey.sample(of: room.createdBy, at: moment(1))
            let theirs = PublicKey.sample(of: guest, at: moment(2))
            for key in [theirs, own] { _ = try await record.accounts.registerPublicKey(key) }
            #expect(try await record.accounts.publicKeys(in: room.id) == [own])
            try await record.accounts.join(
                Membership(room: room.id, user: guest, role: .publisher, joinedAt: moment(3)))
            #expect(try await record.accounts.publicKeys(in: room.id) == [own, theirs])
            _ = try await record.accounts.removeMember(guest, from: room.id, forbidding: nil)
            #expect(try await record.accounts.publicKeys(in: room.id) == [own])
        },
        Duty("a public key is removed once, and by its user alone") { record in
            let key = PublicKey.sample(of: try await record.newUser())
            _ = try await record.accounts.registerPublicKey(key)
            #expect(try await record.accounts.removePublicKey(key.id, of: try await record.newUser()) == false)
            #expect(try await record.accounts.removePublicKey(key.id, of: key.user))
            #expect(try await record.accounts.removePublicKey(key.id, of: key.user) == false)
            #expect(try await record.accounts.publicKeys(of: key.user).isEmpty)
        },
    ]
}

extension PublicKey {
    static func sample(
        of user: UserID, key: Ed25519Key = .unique(), device: String = "laptop", at registered: Timestamp = moment(1)
    ) -> PublicKey {
        PublicKey(
            id: PublicKeyID(trusted: uniqueHex()), user: user, key: key, deviceName: device, registeredAt: registered)
    }
}

extension Ed25519Key {
    static func unique() -> Ed25519Key {
        Ed25519Key(trusted: String((uniqueHex() + uniqueHex() + uniqueHex()).prefix(42)) + "A")
    }
}
