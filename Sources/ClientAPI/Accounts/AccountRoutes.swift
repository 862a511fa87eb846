import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// Worker tokens, account keys and members over HTTP, in the shapes that sleap-rtc clients know.
package struct AccountRoutes: Sendable {
    private let accounts: Accounts

    package init(_ accounts: Accounts) { self.accounts = accounts }

    package func add(to router: inout Router) {
        router.on(.post, "/api/auth/token") { try await createToken($0) }
        router.on(.delete, "/api/auth/token/:token") { try await revokeToken($0) }
        router.on(.post, "/api/auth/account-keys") { try await createKey($0) }
        router.on(.delete, "/api/auth/account-keys/:key") { try await revokeKey($0) }
        router.on(.delete, "/api/auth/rooms/:room/members/:user") { try await removeMember($0) }
    }

    private func createToken(_ request: Request) async throws -> Response {
        try await answering(request) { user, body in
            let days = try body.integer("expires_in_days", in: 1...3650) ?? body.integer("expires_days", in: 1...3650)
            let isEndless = body.has("expires_in_days") && days == nil
            let (secret, token) = try await accounts.issueWorkerToken(
                for: try body.required("worker_name", body.name("worker_name")),
                in: try body.required("room_id", body.name("room_id")), by: user.id,
                lifetimeDays: isEndless ? nil : days ?? 7)
            return [
                "token_id": .string(secret), "room_id": .string(token.room.text),
                "worker_name": .string(token.worker.text),
                "expires_at": token.expiresAt.map { .string($0.description) } ?? .null,
            ]
        }
    }

    private func revokeToken(_ request: Request) async throws -> Response {
        try await answering(request) { user, _ in
            let name = request.parameters["token"] ?? ""
            try await accounts.revokeWorkerToken(name, by: user.id)
            return ["revoked": true, "token_id": .string(name)]
        }
    }

    private func createKey(_ request: Request) async throws -> Response {
        try await answering(request) { user, body in
            let name = try body.required("name", body.string("name", maxBytes: 100))
            let (secret, key) = try await accounts.issueAccountKey(named: name, for: user.id)
            return [
                "key_id": .string(secret), "name": .string(key.name), "created_at": .string(key.createdAt.description),
            ]
        }
    }

    private func revokeKey(_ request: Request) async throws -> Response {
        try await answering(request) { user, _ in
            try await accounts.revokeAccountKey(request.parameters["key"] ?? "", by: user.id)
            return ["status": "revoked"]
        }
    }

    private func removeMember(_ request: Request) async throws -> Response {
        try await answering(request) { user, _ in
            guard let room = request.parameters["room"].flatMap(RoomID.init),
                let member = request.parameters["user"].flatMap(UserID.init)
            else { throw Accounts.Fault.notFound("There is no such member in this room") }
            try await accounts.removeMember(member, from: room, by: user.id)
            return member == user.id
                ? ["status": "left", "room_id": .string(room.text)]
                : ["status": "removed", "room_id": .string(room.text), "user_id": .string(member.text)]
        }
    }
}

// MARK: - Who asks, and what goes wrong

extension AccountRoutes {
    /// Runs a route for the user that the bearer credential proves; 401 when it proves nobody.
    private func answering(
        _ request: Request, _ route: (User, FieldReader) async throws -> JSONObject
    ) async throws -> Response {
        do {
            guard let bearer = request.bearer else {
                return .error(
                    .unauthorized, "Invalid authorization header: send Authorization: Bearer <JWT or account key>")
            }
            guard let user = try await accounts.user(bearer: bearer) else {
                return .error(.unauthorized, "Invalid or expired token")
            }
            let body = request.body.isEmpty ? [:] : try request.json()
            return .json(raw: JSONValue.object(try await route(user, FieldReader(body))).encoded())
        } catch Accounts.Fault.notFound(let text) {
            return .error(.notFound, text)
        } catch Accounts.Fault.forbidden(let text) {
            return .error(.forbidden, text)
        } catch let fault as FieldFault {
            return .error(.unprocessableContent, fault.description)
        } catch is StoreError {
            return .error(.serviceUnavailable, "The record cannot be reached just now; try again")
        }
    }
}
