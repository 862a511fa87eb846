import HTTPServing
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// The workers that are connected now.
struct WorkerListRoutes: Sendable {
    let access: AccountAccess
    let directory: RoomDirectory

    func add(to router: inout Router) {
        router.on(.get, "/api/rooms/:room/workers") { try await ofRoom($0) }
        router.on(.get, "/api/auth/tokens/:token/workers") { try await ofToken($0) }
    }

    private func ofRoom(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let room = try request.room()
            guard try await access.accounts.isMember(user.id, of: room) else {
                throw Accounts.Fault.forbidden("No access to this room")
            }
            let workers = try await workers(in: room)
            return ["workers": .array(workers.map { .object(Self.entry($0)) }), "count": .integer(workers.count)]
        }
    }

    private func ofToken(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let token = try await access.accounts.workerToken(request.parameters["token"] ?? "", governedBy: user.id)
            let workers = try await workers(in: token.room).filter { $0.token == token.hash }
            let entries = workers.map { worker in
                JSONValue.object([
                    "peer_id": .string(worker.peer.text), "connected_at": .string(worker.connectedAt.description),
                ])
            }
            return ["workers": .array(entries), "count": .integer(workers.count)]
        }
    }

    private func workers(in room: RoomID) async throws -> [PresentWorker] {
        guard let workers = await directory.workers(in: room) else {
            throw StoreError.unavailable("who is in the room cannot be known now")
        }
        return workers
    }

    private static func entry(_ worker: PresentWorker) -> JSONObject {
        [
            "peer_id": .string(worker.peer.text), "connected_at": .string(worker.connectedAt.description),
            "worker_name": worker.name.map { .string($0.text) } ?? .null,
            "account_key_id": worker.accountKey.map { .string($0) } ?? .null,
            "token_id": worker.token.map { .string(CredentialLabel.workerToken($0)) } ?? .null,
            "properties": .object(worker.properties),
        ]
    }
}
