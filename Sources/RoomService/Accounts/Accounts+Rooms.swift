import Cryptography
import RoomCore
import RoomStorage

// MARK: - Rooms

extension Accounts {
    private static let notYours = "Room not found or you don't have access"

    /// Makes a room that the user owns. Its id is 8 hex digits, and its name when none is given.
    package func createRoom(
        named name: RoomName?, lifetimeDays: Int?, by user: UserID
    ) async throws -> RoomRecord {
        let owned = try await store.rooms(of: user).count { $0.membership.ownRole == .owner }
        guard owned < limits.roomsPerUser else {
            throw Fault.limit("You own \(owned) rooms, which is the most allowed: delete one that is not needed")
        }
        let now = clock()
        return try await makeRoom(
            named: name?.text, by: user, expiresAt: lifetimeDays.map { now.advanced(bySeconds: Int64($0) * 86_400) })
    }

    /// Ids are short, and one that is taken is not made again: then another is tried.
    func makeRoom(named name: String?, by user: UserID, expiresAt: Timestamp?) async throws -> RoomRecord {
        for _ in 0..<8 {
            let id = RoomID(trusted: try SecureRandom.hex(bytes: 4))
            let room = RoomRecord(
                id: id, name: name ?? id.text, createdBy: user, createdAt: clock(), expiresAt: expiresAt)
            if try await store.room(id) != nil { continue }
            try await store.createRoom(room, epoch: Epoch(trusted: try SecureRandom.hex(bytes: 8)))
            if try await store.room(id) == room { return room }
        }
        throw StoreError.unavailable("no free room id was found")
    }

    package func rooms(of user: UserID) async throws -> [(room: RoomRecord, membership: Membership)] {
        try await store.rooms(of: user)
    }

    /// A room as one of its members sees it.
    package func room(_ id: RoomID, for user: UserID) async throws -> (room: RoomRecord, membership: Membership) {
        guard let membership = try await store.membership(of: user, in: id) else { throw Fault.notFound(Self.notYours) }
        guard let room = try await store.room(id) else { throw Fault.notFound("Room not found") }
        return (room, membership)
    }

    package func renameRoom(_ id: RoomID, to name: RoomName, by user: UserID) async throws {
        try check(.renameRoom, for: try await room(id, for: user).membership.role)
        guard try await store.renameRoom(id, to: name.text) else { throw Fault.notFound("Room not found") }
    }

    /// Deletes a room with everything in it; whoever is in it, on whatever server, is sent away.
    package func deleteRoom(_ id: RoomID, by user: UserID) async throws {
        try check(.deleteRoom, for: try await room(id, for: user).membership.role)
        try await store.deleteRoom(id)
        await directory?.delete(id)
    }
}
