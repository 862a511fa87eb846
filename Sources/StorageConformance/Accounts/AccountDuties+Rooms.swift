import RoomCore
import RoomStorage
import Testing

extension AccountDuties {
    static let endings: [Duty<RecordUnderTest>] = [
        Duty("a room is given another name, and one that is gone is not") { record in
            let room = try await record.newRoomRecord(name: "old")
            let other = try await record.newRoomRecord(name: "old")
            #expect(try await record.accounts.renameRoom(room.id, to: "новая"))
            #expect(try await record.accounts.room(room.id)?.name == "новая")
            #expect(try await record.accounts.room(other.id)?.name == "old")
            try await record.accounts.deleteRoom(room.id)
            #expect(try await record.accounts.renameRoom(room.id, to: "late") == false)
        },
        Duty("the end of a room is put off and never brought forward") { record in
            let room = try await record.newRoomRecord(expiresAt: moment(100))
            #expect(try await record.accounts.extendRoom(room.id, to: moment(200))?.expiresAt == moment(200))
            #expect(try await record.accounts.extendRoom(room.id, to: moment(150))?.expiresAt == moment(200))
            #expect(try await record.accounts.room(room.id)?.expiresAt == moment(200))
        },
        Duty("a room without an end is not given one, and a room that is gone has none") { record in
            let room = try await record.newRoomRecord()
            #expect(try await record.accounts.extendRoom(room.id, to: moment(200)) == room)
            try await record.accounts.deleteRoom(room.id)
            #expect(try await record.accounts.extendRoom(room.id, to: moment(200)) == nil)
        },
        Duty("the users in a room are its members and no others") { record in
            let room = try await record.newRoomRecord()
            let user = User(id: UserID(trusted: "id-\(uniqueHex())"), username: uniqueHex(), createdAt: moment(1))
            _ = try await record.accounts.ensureUser(user)
            #expect(try await record.accounts.users(in: room.id).contains(user) == false)
            try await record.accounts.join(
                Membership(room: room.id, user: user.id, role: .viewer, joinedAt: moment(1)))
            #expect(try await record.accounts.users(in: room.id).contains(user))
            try await record.accounts.join(
                Membership(
                    room: room.id, user: UserID(trusted: "stranger-\(uniqueHex())"), role: .publisher,
                    joinedAt: moment(1)))
            let ids = try await record.accounts.users(in: room.id).map(\.id)
            #expect(ids.contains(user.id) && ids == ids.sorted() && !ids.contains { $0.text.hasPrefix("stranger") })
        },
    ]
}
