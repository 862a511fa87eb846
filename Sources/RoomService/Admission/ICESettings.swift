import Cryptography
import RoomCore
import WireMessages

/// Which STUN and TURN servers peers are told of.
///
/// TURN credentials end by themselves: the user name is `expiry:user` and the password its HMAC-SHA1 under the secret
/// shared with the TURN server (draft-uberti-behave-turn-rest-00, section 2.2; coturn's `use-auth-secret`). Nothing is
/// stored, and what one peer was given is of no use once it ended.
package struct ICESettings: Sendable, Equatable {
    package var stunURLs: [String] = []
    package var turnURLs: [String] = []
    package var turnSecret = ""
    /// How long a TURN credential is good for: a peer may open connections all that time without registering again.
    package var credentialSeconds: Int64 = 86_400

    package init() {}

    func offer(to user: UserID, at now: Timestamp) -> ICEOffer {
        let stun = stunURLs.isEmpty ? [] : [ICEServer(urls: stunURLs)]
        guard !turnURLs.isEmpty, !turnSecret.isEmpty else { return ICEOffer(servers: stun, mesh: stun) }
        let username = "\(now.advanced(bySeconds: credentialSeconds).seconds):\(user)"
        let tag = HMACSHA1.authenticate(key: Array(turnSecret.utf8), message: Array(username.utf8))
        let turn = ICEServer(urls: turnURLs, username: username, credential: Base64.encode(tag))
        return ICEOffer(servers: stun + [turn], mesh: stun)
    }
}
