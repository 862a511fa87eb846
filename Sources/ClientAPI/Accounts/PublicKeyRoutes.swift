import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// The public keys of a user's devices, and those that a room's peers may trust.
struct PublicKeyRoutes: Sendable {
    let access: AccountAccess
    private var accounts: Accounts { access.accounts }

    func add(to router: inout Router) {
        router.on(.post, "/api/auth/public-keys") { try await register($0) }
        router.on(.get, "/api/auth/public-keys") { try await list($0) }
        router.on(.delete, "/api/auth/public-keys/:key") { try await remove($0) }
        router.on(.get, "/api/rooms/:room/authorized-keys") { try await authorized($0) }
    }

    private func register(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let text = try body.required("public_key", body.string("public_key", maxBytes: 64))
            // Some encoders pad the last group.
            guard let key = Ed25519Key(text.hasSuffix("=") ? String(text.dropLast()) : text) else {
                throw FieldFault("public_key", Ed25519Key.rule)
            }
            let device = try body.required("device_name", body.label("device_name"))
            return Self.entry(try await accounts.registerPublicKey(key, of: device, for: user.id))
        }
    }

    private func list(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            let keys = try await accounts.publicKeys(of: user.id)
            return ["public_keys": .array(keys.map { .object(Self.entry($0)) })]
        }
    }

    private static func entry(_ key: PublicKey) -> JSONObject {
        [
            "key_id": .string(key.id.text), "public_key": .string(key.key.text),
            "device_name": .string(key.deviceName), "registered_at": .string(key.registeredAt.description),
        ]
    }

    private func remove(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            guard let key = request.parameters["key"].flatMap(PublicKeyID.init) else {
                throw Accounts.Fault.notFound("Public key not found")
            }
            try await accounts.removePublicKey(key, by: user.id)
            return ["status": "removed"]
        }
    }

    /// Workers ask with whatever key they registered by: a worker token, which stands for no user, is good for its room.
    private func authorized(_ request: Request) async throws -> Response {
        try await AccountAccess.answering {
            let secret = try AccountAccess.bearer(of: request)
            let room = try request.room()
            guard let caller = try await accounts.caller(bearer: secret) else { return AccountAccess.unproved }
            guard try await accounts.role(of: caller, in: room) != nil else {
                return .error(.notFound, "Room not found or you don't have access")
            }
            let keys = try await accounts.authorizedKeys(in: room).map { key, username in
                JSONValue.object([
                    "user_id": .string(key.user.text), "username": .string(username), "key_id": .string(key.id.text),
                    "public_key": .string(key.key.text), "device_name": .string(key.deviceName),
                ])
            }
            return .json(raw: JSONValue.object(["authorized_keys": .array(keys)]).encoded())
        }
    }
}
