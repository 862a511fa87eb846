import RoomCore
import RoomStorage
import Testing

/// The duties of an ``AccountStore``.
package enum AccountDuties {
    package static let all: [Duty<RecordUnderTest>] =
        users + rooms + endings + members + roles + access + groups + invitations + workerTokens + accountKeys
        + publicKeys

    static let users: [Duty<RecordUnderTest>] = [
        Duty("a user is made once and found by name") { record in
            let first = User(
                id: UserID(trusted: "id-\(uniqueHex())"), username: "имя-\(uniqueHex())", createdAt: moment(1))
            let made = try await record.accounts.ensureUser(first)
            #expect(made == first)
            let second = User(id: UserID(trusted: "id-\(uniqueHex())"), username: first.username, createdAt: moment(2))
            #expect(try await record.accounts.ensureUser(second) == first)
            #expect(try await record.accounts.user(first.id) == first)
            #expect(try await record.accounts.user(second.id) == nil)
        },
        Duty("a user whose id is known under another name is that user") { record in
            let first = User(id: UserID(trusted: "id-\(uniqueHex())"), username: uniqueHex(), createdAt: moment(1))
            _ = try await record.accounts.ensureUser(first)
            let renamed = User(id: first.id, username: uniqueHex(), createdAt: moment(2))
            #expect(try await record.accounts.ensureUser(renamed) == first)
        },
        Duty("sixteen who make one user at once get the same") { record in
            let name = "name-\(uniqueHex())"
            let users = try await sideBySide(16) { number in
                try await record.accounts.ensureUser(
                    User(id: UserID(trusted: "\(number)-\(name)"), username: name, createdAt: moment(Int64(number))))
            }
            #expect(Set(users.map(\.id)).count == 1)
        },
    ]

    static let rooms: [Duty<RecordUnderTest>] = [
        Duty("a room is made with its owner") { record in
            let room = try await record.newRoomRecord(expiresAt: moment(100))
            #expect(try await record.accounts.room(room.id) == room)
            let owner = Membership(room: room.id, user: room.createdBy, role: .owner, joinedAt: room.createdAt)
            #expect(try await record.accounts.members(of: room.id) == [owner])
            #expect(try await record.manifests.head(of: room.id)?.epoch == epoch)
        },
        Duty("a room that exists is not made again") { record in
            let room = try await record.newRoomRecord()
            let usurper = RoomRecord(
                id: room.id, name: "mine", createdBy: try await record.newUser(), createdAt: moment(9), expiresAt: nil)
            try await record.accounts.createRoom(usurper, epoch: laterEpoch)
            #expect(try await record.accounts.room(room.id) == room)
            #expect(try await record.accounts.members(of: room.id).map(\.user) == [room.createdBy])
            #expect(try await record.manifests.head(of: room.id)?.epoch == epoch)
        },
        Duty("rooms of a name come oldest first and are told apart byte by byte") { record in
            let name = uniqueHex()
            let newer = try await record.newRoomRecord(name: "\(name)é", createdAt: moment(2))
            let older = try await record.newRoomRecord(name: "\(name)é", createdAt: moment(1))
            _ = try await record.newRoomRecord(name: "\(name)e\u{301}", createdAt: moment(3))
            #expect(try await record.accounts.rooms(named: "\(name)é").map(\.id) == [older.id, newer.id])
            #expect(try await record.accounts.rooms(named: name).isEmpty)
        },
        Duty("a room may have an empty name") { record in
            let room = try await record.newRoomRecord(name: "")
            #expect(try await record.accounts.room(room.id)?.name == "")
            #expect(try await record.accounts.rooms(named: "").contains(room))
        },
        Duty("a user's rooms come with the role in each") { record in
            let own = try await record.newRoomRecord(createdAt: moment(1))
            let other = try await record.newRoomRecord(createdAt: moment(2))
            let joined = Membership(room: other.id, user: own.createdBy, role: .viewer, joinedAt: moment(5))
            try await record.accounts.join(joined)
            let rooms = try await record.accounts.rooms(of: own.createdBy)
            #expect(rooms.map(\.room) == [own, other])
            #expect(rooms.map(\.membership.role) == [.owner, .viewer])
        },
        Duty("a room is deleted with its members and tokens, and deleting it again is no error") { record in
            let room = try await record.newRoomRecord()
            let token = WorkerToken.sample(in: room)
            try await record.accounts.createWorkerToken(token)
            try await record.accounts.deleteRoom(room.id)
            try await record.accounts.deleteRoom(room.id)
            #expect(try await record.accounts.room(room.id) == nil)
            #expect(try await record.accounts.members(of: room.id).isEmpty)
            #expect(try await record.accounts.rooms(of: room.createdBy).isEmpty)
            #expect(try await record.accounts.workerToken(token.hash) == nil)
        },
    ]

    static let members: [Duty<RecordUnderTest>] = [
        Duty("one who is a member keeps the role") { record in
            let room = try await record.newRoomRecord()
            let user = try await record.newUser()
            let first = Membership(room: room.id, user: user, role: .publisher, joinedAt: moment(1))
            try await record.accounts.join(first)
            try await record.accounts.join(Membership(room: room.id, user: user, role: .owner, joinedAt: moment(2)))
            #expect(try await record.accounts.membership(of: user, in: room.id) == first)
            #expect(try await record.accounts.members(of: room.id).map(\.user) == [room.createdBy, user])
        },
        Duty("a member is removed once") { record in
            let room = try await record.newRoomRecord()
            let user = try await record.newUser()
            try await record.accounts.join(Membership(room: room.id, user: user, role: .publisher, joinedAt: moment(1)))
            let remove: @Sendable () async throws -> MemberChange = {
                try await record.accounts.removeMember(user, from: room.id, forbidding: nil)
            }
            #expect(try await remove() == .changed)
            #expect(try await remove() == .noSuchMember)
            #expect(try await record.accounts.membership(of: user, in: room.id) == nil)
        },
        Duty("joining a room that is gone changes nothing") { record in
            let room = RoomID(trusted: uniqueHex())
            let user = try await record.newUser()
            try await record.accounts.join(Membership(room: room, user: user, role: .publisher, joinedAt: moment(1)))
            #expect(try await record.accounts.membership(of: user, in: room) == nil)
        },
    ]
}

extension RecordUnderTest {
    func newRoomRecord(
        name: String = "room", createdAt: Timestamp = moment(0), expiresAt: Timestamp? = nil
    ) async throws -> RoomRecord {
        let room = RoomRecord(
            id: RoomID(trusted: uniqueHex()), name: name, createdBy: try await newUser(), createdAt: createdAt,
            expiresAt: expiresAt)
        try await accounts.createRoom(room, epoch: epoch)
        return room
    }
}
