import JSONWire
import RoomCore
import RoomStorage

extension People {
    func encoded() -> [UInt8] {
        JSONValue.object([
            "format": .integer(BackupLayout.format), "version": .integer(version),
            "users": .array(
                users.map { user in
                    [
                        "id": .string(user.id.text), "username": .string(user.username),
                        "created_at": .string(user.createdAt.description),
                    ]
                }),
            "account_keys": .array(
                accountKeys.map { key in
                    [
                        "sha256": .string(key.hash.text), "user_id": .string(key.user.text), "name": .string(key.name),
                        "created_at": .string(key.createdAt.description), "expires_at": .moment(key.expiresAt),
                        "revoked_at": .moment(key.revokedAt),
                    ]
                }),
            "public_keys": .array(
                publicKeys.map { key in
                    [
                        "id": .string(key.id.text), "user_id": .string(key.user.text),
                        "public_key": .string(key.key.text), "device_name": .string(key.deviceName),
                        "registered_at": .string(key.registeredAt.description),
                    ]
                }),
        ]).encoded()
    }

    init(_ bytes: [UInt8]) throws(BackupFault) {
        do {
            let reader = FieldReader(try JSONValue.parse(bytes, maxDepth: 8).objectValue ?? [:])
            let users = try reader.entries("users") { entry throws(FieldFault) in
                User(
                    id: try entry.required("id", entry.name("id")),
                    username: try entry.required("username", entry.string("username", maxBytes: 65_536)),
                    createdAt: try entry.required("created_at", entry.moment("created_at")))
            }
            let keys = try reader.entries("account_keys") { entry throws(FieldFault) in
                AccountKey(
                    hash: try entry.required("sha256", entry.name("sha256")),
                    user: try entry.required("user_id", entry.name("user_id")),
                    name: try entry.required("name", entry.string("name", maxBytes: 65_536)),
                    createdAt: try entry.required("created_at", entry.moment("created_at")),
                    expiresAt: try entry.moment("expires_at"), revokedAt: try entry.moment("revoked_at"))
            }
            // Backups from before there were any name none.
            let publicKeys =
                !reader.has("public_keys")
                ? []
                : try reader.entries("public_keys") { entry throws(FieldFault) in
                    PublicKey(
                        id: try entry.required("id", entry.name("id")),
                        user: try entry.required("user_id", entry.name("user_id")),
                        key: try entry.required("public_key", entry.name("public_key")),
                        deviceName: try entry.required("device_name", entry.string("device_name", maxBytes: 65_536)),
                        registeredAt: try entry.required("registered_at", entry.moment("registered_at")))
                }
            self.init(
                version: try reader.number("version"), users: users, accountKeys: keys, publicKeys: publicKeys)
        } catch {
            throw .damaged("users and account keys: \(error)")
        }
    }
}
