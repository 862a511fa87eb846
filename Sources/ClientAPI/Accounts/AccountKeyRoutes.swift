import HTTPServing
import JSONWire
import RoomCore
import RoomService
import RoomStorage

/// Account keys. Lists show a key's label, which DELETE takes in the secret's place; to the JWT that made the key, and for a
/// while, they show the secret.
struct AccountKeyRoutes: Sendable {
    let access: AccountAccess
    let newKeys: NewAccountKeys
    private var accounts: Accounts { access.accounts }

    func add(to router: inout Router) {
        router.on(.post, "/api/auth/account-keys") { try await create($0) }
        router.on(.get, "/api/auth/account-keys") { try await list($0) }
        router.on(.delete, "/api/auth/account-keys/:key") { try await end($0) }
    }

    private func create(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, body in
            let name = try body.required("name", body.label("name"))
            let (secret, key) = try await accounts.issueAccountKey(named: name, for: user.id)
            await newKeys.keep(secret, of: key, for: request.bearer ?? "")
            return [
                "key_id": .string(secret), "name": .string(key.name), "created_at": .string(key.createdAt.description),
            ]
        }
    }

    private func list(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            var entries: [JSONValue] = []
            for key in try await accounts.accountKeys(of: user.id) {
                let secret = await newKeys.secret(of: key, for: request.bearer ?? "")
                entries.append(.object(Self.entry(key, as: secret ?? CredentialLabel.accountKey(key.hash))))
            }
            return ["keys": .array(entries)]
        }
    }

    private static func entry(_ key: AccountKey, as id: String) -> JSONObject {
        [
            "key_id": .string(id), "name": .string(key.name),
            "created_at": .string(key.createdAt.description),
            "expires_at": key.expiresAt.map { .string($0.description) } ?? .null,
            "revoked_at": key.revokedAt.map { .string($0.description) } ?? .null,
        ]
    }

    private func end(_ request: Request) async throws -> Response {
        try await access.answering(request) { user, _ in
            switch try await accounts.revokeAccountKey(request.parameters["key"] ?? "", by: user.id) {
            case .revoked: ["status": "revoked"]
            case .deleted: ["status": "deleted"]
            }
        }
    }
}

extension FieldReader {
    /// What people call a key or a device: 1–100 bytes without control characters.
    func label(_ key: String) throws(FieldFault) -> String? {
        guard let text = try string(key, maxBytes: 100) else { return nil }
        guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw FieldFault(path(key), "must be a text of 1–100 bytes without control characters")
        }
        return text
    }
}
