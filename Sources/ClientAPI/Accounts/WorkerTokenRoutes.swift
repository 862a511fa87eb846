import HTTPServing
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// Worker tokens. The secret is told once, when it is made; lists show its label, which every route takes in its place.
struct WorkerTokenRoutes: Sendable {
    let access: AccountAccess
    private var accounts: Accounts { access.accounts }

    func add(to router: inout Router) {
        router.on(.post, "/api/auth/token") { try await create($0) }
        router.on(.delete, "/api/auth/token/:token") { try await revoke($0) }
        router.on(.get, "/api/auth/tokens") { try await list($0) }
        router.on(.delete, "/api/auth/tokens") { try await deleteInactive($0) }
        router.on(.delete, "/api/auth/tokens/:token") { try await delete($0) }
    }

    private static let usualDays = 7

    private func create(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let (secret, token) = try await accounts.issueWorkerToken(
                for: try body.required("worker_name", body.name("worker_name")),
                in: try body.required("room_id", body.name("room_id")), by: user.id,
                lifetimeDays: try lifetime(body))
            return [
                "token_id": .string(secret), "room_id": .string(token.room.text),
                "worker_name": .string(token.worker.text),
                "expires_at": token.expiresAt.map { .string($0.description) } ?? .null,
            ]
        }
    }

    /// Clients send `expires_days`, the reference names `expires_in_days`. Null is for ever; neither is a week.
    private func lifetime(_ body: FieldReader) throws(FieldFault) -> Int? {
        for key in ["expires_in_days", "expires_days"] where body.has(key) {
            return try body.integer(key, in: accounts.limits.tokenDays)
        }
        return Self.usualDays
    }

    private func revoke(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let name = request.parameters["token"] ?? ""
            try await accounts.revokeWorkerToken(name, by: user.id)
            return ["revoked": true, "token_id": .string(name)]
        }
    }

    private func delete(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let name = request.parameters["token"] ?? ""
            try await accounts.deleteWorkerToken(name, by: user.id)
            return ["deleted": .string(name)]
        }
    }

    private func deleteInactive(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let room = try request.query.name("room_id", of: RoomID.self)
            return ["deleted_count": .integer(try await accounts.deleteInactiveWorkerTokens(in: room, by: user.id))]
        }
    }
}

// MARK: - The list

extension WorkerTokenRoutes {
    private enum Field: String, CaseIterable {
        case workerName = "worker_name"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case roomName = "room_name"
    }

    private func list(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let room = try request.query.name("room_id", of: RoomID.self)
            let activeOnly = try request.query.flag("active_only")
            let field = try request.query.choice("sort_by", of: Field.self) ?? .createdAt
            let order = try request.query.choice("sort_order", of: SortOrder.self) ?? .desc
            let tokens = try await accounts.workerTokens(createdBy: user.id).filter { token, _ in
                room ?? token.room == token.room && (!activeOnly || accounts.isActive(token))
            }
            let sorted = order.sorted(tokens) { Self.key(field, of: $0.token, $0.roomName) }
            return ["tokens": .array(sorted.map { .object(entry($0.token, $0.roomName)) })]
        }
    }

    /// A token without an end has no `expires_at` at all: clients cut a null to twenty characters, and break.
    private func entry(_ token: WorkerToken, _ roomName: String?) -> JSONObject {
        var entry: JSONObject = [
            "token_id": .string(CredentialLabel.workerToken(token.hash)), "room_id": .string(token.room.text),
            "room_name": roomName.map(JSONValue.string) ?? .null, "worker_name": .string(token.worker.text),
            "created_at": .string(token.createdAt.description),
            "revoked_at": token.revokedAt.map { .string($0.description) } ?? .null,
            "is_active": .bool(accounts.isActive(token)),
        ]
        if let end = token.expiresAt { entry["expires_at"] = .string(end.description) }
        return entry
    }

    private static func key(_ field: Field, of token: WorkerToken, _ roomName: String?) -> SortKey {
        switch field {
        case .workerName: SortKey(token.worker.text)
        case .createdAt: SortKey(token.createdAt.microseconds)
        case .expiresAt: SortKey(token.expiresAt?.microseconds)
        case .roomName: SortKey(roomName)
        }
    }
}
