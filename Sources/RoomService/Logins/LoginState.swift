import Cryptography
import RoomStorage

/// The secret by which a program asks for its login: 16–256 bytes of a URL's unreserved characters.
package struct LoginState: Sendable, Equatable {
    package let text: String

    package init?(_ text: String) {
        guard (16...256).contains(text.utf8.count), text.utf8.allSatisfy(Self.isUnreserved) else { return nil }
        self.text = text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~".utf8.contains(byte)
        }
    }

    /// What stands for it where it must not be told.
    package var hash: String { SHA256.hex(text) }

    package var place: LoginPlace {
        LoginPlace(name: hash, seal: SealingKey(secret: text, purpose: "sleap-rooms login"))
    }
}

/// Where a login is left: all that is to be known of a state to leave something for it, and nothing to collect it by.
package struct LoginPlace: Sendable, Equatable {
    /// The state's hash, which is all that a store sees.
    let name: String
    /// What is left is sealed by it, for whoever has the state.
    let seal: SealingKey

    var key: HandoverKey { HandoverKey(kind: "cli-login", name: name) }
}
