import Cryptography
import RoomCore
import RoomStorage

// MARK: - Worker tokens

extension Accounts {
    package func issueWorkerToken(
        for worker: WorkerName, in room: RoomID, by user: UserID, lifetimeDays: Int?
    ) async throws -> (secret: String, token: WorkerToken) {
        try check(.issueWorkerToken, for: try await store.membership(of: user, in: room)?.role)
        let standing = try await store.workerTokens(in: room).count
        guard standing < limits.workerTokensPerRoom else {
            throw Fault.limit(
                "The room has \(standing) worker tokens, which is the most allowed: delete those that are not needed")
        }
        let secret = try SecureRandom.token(prefix: "slp_")
        let now = clock()
        let token = WorkerToken(
            hash: Self.hash(secret), room: room, worker: worker, createdBy: user, createdAt: now,
            expiresAt: lifetimeDays.map { now.advanced(bySeconds: Int64($0) * 86_400) }, revokedAt: nil)
        try await store.createWorkerToken(token)
        return (secret, token)
    }

    /// The tokens that a user made, each with the name of its room.
    package func workerTokens(createdBy user: UserID) async throws -> [(token: WorkerToken, roomName: String?)] {
        var names: [RoomID: String] = [:]
        for entry in try await store.rooms(of: user) { names[entry.room.id] = entry.room.name }
        var listed: [(token: WorkerToken, roomName: String?)] = []
        for token in try await store.workerTokens(createdBy: user) {
            if names[token.room] == nil { names[token.room] = try await store.room(token.room)?.name }
            listed.append((token, names[token.room]))
        }
        return listed
    }

    package func isActive(_ token: WorkerToken) -> Bool {
        token.revokedAt == nil && token.expiresAt.map { $0 > clock() } ?? true
    }

    /// Revokes a token of the user, or of a room whose tokens the user governs.
    package func revokeWorkerToken(_ name: String, by user: UserID) async throws {
        let token = try await workerToken(name, governedBy: user)
        _ = try await store.revokeWorkerToken(token.hash, at: clock())
        await directory?.revoke(.proof(.workerToken(token.hash)), in: token.room)
    }

    /// Deletes a token that ended before.
    package func deleteWorkerToken(_ name: String, by user: UserID) async throws {
        let token = try await workerToken(name, governedBy: user)
        guard !isActive(token) else { throw Fault.invalid("Cannot delete active token. Revoke it first.") }
        guard try await store.deleteWorkerToken(token.hash) else { throw Fault.notFound(Self.noSuchToken) }
    }

    /// Deletes the tokens that ended, of the user and of the rooms whose tokens the user governs; how many there were.
    package func deleteInactiveWorkerTokens(in room: RoomID?, by user: UserID) async throws -> Int {
        var count = 0
        for token in try await workerTokens(governedBy: user) where !isActive(token) && room ?? token.room == token.room
        {
            if try await store.deleteWorkerToken(token.hash) { count += 1 }
        }
        return count
    }

    /// A token by its secret, its hash or its label, for whoever made it or governs its room's.
    package func workerToken(_ name: String, governedBy user: UserID) async throws -> WorkerToken {
        if let token = try await store.workerToken(Self.hash(naming: name)) {
            if token.createdBy == user { return token }
            try check(.governWorkerTokens, for: try await store.membership(of: user, in: token.room)?.role)
            return token
        }
        let token = try await workerTokens(governedBy: user).first { CredentialLabel.workerToken($0.hash) == name }
        guard let token else { throw Fault.notFound(Self.noSuchToken) }
        return token
    }

    private func workerTokens(governedBy user: UserID) async throws -> [WorkerToken] {
        var tokens = try await store.workerTokens(createdBy: user)
        for entry in try await store.rooms(of: user)
        where Permissions().allow(.governWorkerTokens, to: entry.membership.role) {
            tokens += try await store.workerTokens(in: entry.room.id).filter { $0.createdBy != user }
        }
        return tokens
    }

    private static let noSuchToken = "Token not found"
}
