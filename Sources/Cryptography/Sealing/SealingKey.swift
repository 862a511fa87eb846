/// A key for ``SealedBox``, made from a secret that whoever keeps the box does not know.
package struct SealingKey: Sendable, Equatable {
    static let byteCount = 32

    let bytes: [UInt8]

    /// HKDF with SHA-256 (RFC 5869), of which the first block is the key.
    ///
    /// - Parameter secret: unguessable as it is: nothing here makes a short one longer.
    /// - Parameter purpose: so that one secret's keys for two purposes have nothing to do with each other.
    package init(secret: String, purpose: String) {
        bytes = Self.derive(Array(secret.utf8), salt: [], information: Array(purpose.utf8))
    }

    /// Nil unless it is 32 bytes.
    package init?(base64URL text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount, "AES-256 has a key of 32 bytes.")
        self.bytes = bytes
    }

    package var base64URL: String { Base64URL.encode(bytes) }

    static func derive(_ secret: [UInt8], salt: [UInt8], information: [UInt8]) -> [UInt8] {
        HMACSHA256.authenticate(
            key: HMACSHA256.authenticate(key: salt, message: secret), message: information + [1])
    }
}
