import Cryptography
import RoomCore
import RoomStorage

// MARK: - Public keys

extension Accounts {
    /// Registers a device's key; one that the user registered before stays as it is.
    package func registerPublicKey(_ key: Ed25519Key, of device: String, for user: UserID) async throws -> PublicKey {
        let standing = try await store.publicKeys(of: user)
        if let known = standing.first(where: { $0.key == key }) { return known }
        guard standing.count < limits.publicKeysPerUser else {
            throw Fault.limit(
                "You have \(standing.count) public keys, which is the most allowed: remove those of old devices")
        }
        return try await store.registerPublicKey(
            PublicKey(id: try Self.newKeyID(), user: user, key: key, deviceName: device, registeredAt: clock()))
    }

    package func publicKeys(of user: UserID) async throws -> [PublicKey] { try await store.publicKeys(of: user) }

    package func removePublicKey(_ id: PublicKeyID, by user: UserID) async throws {
        guard try await store.removePublicKey(id, of: user) else { throw Fault.notFound("Public key not found") }
    }

    /// The keys of all members, by which the peers of a room know each other's devices.
    package func authorizedKeys(in room: RoomID) async throws -> [(key: PublicKey, username: String)] {
        let users = try await store.users(in: room)
        let names = Dictionary(users.map { ($0.id, $0.username) }, uniquingKeysWith: { first, _ in first })
        return try await store.publicKeys(in: room).map { ($0, names[$0.user] ?? $0.user.text) }
    }

    /// A random UUID (RFC 9562, section 5.4), which is what clients expect of a key's id.
    private static func newKeyID() throws -> PublicKeyID {
        var bytes = try SecureRandom.bytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Hexadecimal.encode(bytes)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return PublicKeyID(trusted: text)
    }
}
