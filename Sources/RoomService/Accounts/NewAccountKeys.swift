import Cryptography
import RoomCore
import RoomStorage

/// The secrets of account keys just made, for the very JWT that made them and for nobody else.
///
/// A web page such as the dashboard of sleap-rtc offers a new key for copying by looking its secret up under the id that the
/// list gives, so the list must give the secret for a while. It is kept sealed by a key made from that JWT, under a name
/// made from it too; whoever holds the store can neither read nor find it. Without the store the list shows labels.
package struct NewAccountKeys: Sendable {
    package static let termSeconds: Int64 = 900

    private let handovers: any HandoverStore
    private let clock: @Sendable () -> Timestamp

    package init(_ handovers: any HandoverStore, clock: @escaping @Sendable () -> Timestamp) {
        self.handovers = handovers
        self.clock = clock
    }

    /// Keeps a secret for its maker, if that is a JWT: keys and tokens stay for too long.
    package func keep(_ secret: String, of key: AccountKey, for bearer: String) async {
        guard Self.isJWT(bearer), let box = try? SealedBox.seal(Array(secret.utf8), under: Self.seal(bearer)) else {
            return
        }
        // The key is made, and told: that its secret is not told again is no fault.
        try? await handovers.put(box, at: Self.place(of: key, bearer), for: .seconds(Self.termSeconds))
    }

    /// The secret of a key that this bearer made a moment ago, while it is good.
    package func secret(of key: AccountKey, for bearer: String) async -> String? {
        guard Self.isJWT(bearer), key.revokedAt == nil,
            clock() < key.createdAt.advanced(bySeconds: Self.termSeconds),
            let box = try? await handovers.load(Self.place(of: key, bearer)),
            let bytes = SealedBox.open(box, under: Self.seal(bearer))
        else { return nil }
        let secret = String(decoding: bytes, as: UTF8.self)
        return Accounts.hash(secret) == key.hash ? secret : nil
    }

    private static func isJWT(_ bearer: String) -> Bool { !bearer.hasPrefix("slp_") }

    private static func seal(_ bearer: String) -> SealingKey {
        SealingKey(secret: bearer, purpose: "sleap-rooms new account key")
    }

    private static func place(of key: AccountKey, _ bearer: String) -> HandoverKey {
        HandoverKey(kind: "new-account-key", name: SHA256.hex("\(SHA256.hex(bearer))/\(key.hash)"))
    }
}
