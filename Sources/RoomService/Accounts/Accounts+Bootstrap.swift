import Cryptography
import RoomCore
import RoomStorage

/// What a first user needs to begin.
package struct Starter: Sendable {
    package let user: User
    package let room: RoomRecord
    package let role: MemberRole
    package let jwt: String
    package let accountKey: String
    package let workerToken: String?
}

extension Accounts {
    /// The user and the room by these names, made where they are absent, and fresh credentials for them.
    ///
    /// Who makes the room owns it; who comes later joins it as a publisher.
    package func bootstrap(username: String, roomName: String, worker: WorkerName?) async throws -> Starter {
        let now = clock()
        let candidate = User(
            id: UserID(trusted: try SecureRandom.hex(bytes: 8)), username: username, createdAt: now)
        let user = try await store.ensureUser(candidate)
        let room = try await self.room(named: roomName, for: user)
        if try await store.membership(of: user.id, in: room.id) == nil {
            try await store.join(Membership(room: room.id, user: user.id, role: .publisher, joinedAt: now))
        }
        let role = try await store.membership(of: user.id, in: room.id)?.role ?? .publisher
        let token: String?
        if let worker {
            token = try await issueWorkerToken(for: worker, in: room.id, by: user.id, lifetimeDays: nil).secret
        } else {
            token = nil
        }
        return Starter(
            user: user, room: room, role: role, jwt: try authority.issue(to: user, at: now),
            accountKey: try await issueAccountKey(named: "bootstrap", for: user.id).secret, workerToken: token)
    }

    private func room(named name: String, for user: User) async throws -> RoomRecord {
        if let room = try await store.rooms(named: name).first { return room }
        return try await makeRoom(named: name, by: user.id, expiresAt: nil)
    }
}
