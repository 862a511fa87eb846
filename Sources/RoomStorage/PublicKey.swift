import RoomCore

/// What a device of a user is known by to other peers: they challenge it, and check its signature against this key.
package struct PublicKey: Sendable, Equatable {
    package let id: PublicKeyID
    package let user: UserID
    package let key: Ed25519Key
    package let deviceName: String
    package let registeredAt: Timestamp

    package init(id: PublicKeyID, user: UserID, key: Ed25519Key, deviceName: String, registeredAt: Timestamp) {
        self.id = id
        self.user = user
        self.key = key
        self.deviceName = deviceName
        self.registeredAt = registeredAt
    }
}

package struct PublicKeyID: ValidatedText {
    package let text: String
    package static let rule = "a public key id is 1–64 of A–Z a–z 0–9 _ -"

    package init(trusted text: String) { self.text = text }

    package static func isValid(_ text: String) -> Bool { RoomID.isValid(text) }
}

/// The 32 bytes of an Ed25519 public key (RFC 8032, section 5.1.5) in base64url without padding.
package struct Ed25519Key: ValidatedText {
    package let text: String
    package static let rule = "must be an Ed25519 public key: 32 bytes in base64url, which is 43 characters"

    package init(trusted text: String) { self.text = text }

    /// The last of 43 characters carries four bits; the two that are left over are zero, so that each key has one text.
    package static func isValid(_ text: String) -> Bool {
        guard text.utf8.count == 43, let last = text.utf8.last else { return false }
        return text.utf8.allSatisfy(isBase64URL) && "AEIMQUYcgkosw048".utf8.contains(last)
    }

    private static func isBase64URL(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
