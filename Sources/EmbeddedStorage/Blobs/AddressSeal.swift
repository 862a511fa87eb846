import Cryptography
import RoomCore
import RoomStorage

/// Seals the addresses under which this server's own files are served: HMAC-SHA-256 over everything they allow.
///
/// ```
/// PUT <base>/files/<key>?expires=1760000000&size=8&sha256=…&seal=…              a whole file
/// PUT <base>/files/<key>?expires=1760000000&size=8&part=2&upload=…&seal=…       one part of an upload
/// GET <base>/files/<key>?expires=1760000000&seal=…
/// ```
struct AddressSeal: Sendable {
    let secret: [UInt8]

    /// What an address allows.
    struct Grant: Equatable {
        var method: String
        var key: BlobKey
        var expires: Int64
        var size: Int?
        var sha256: Digest?
        var parts: PartsID?
        var part: Int?

        init(method: String, key: BlobKey, expires: Int64) {
            self.method = method
            self.key = key
            self.expires = expires
        }

        fileprivate var members: [(name: String, value: String)] {
            var members = [(name: "expires", value: String(expires))]
            if let size { members.append(("size", String(size))) }
            if let sha256 { members.append(("sha256", sha256.text)) }
            if let parts { members.append(("upload", parts.text)) }
            if let part { members.append(("part", String(part))) }
            return members
        }

        /// Every member stands on a line of its own with its name, so no two grants read alike.
        fileprivate var message: [UInt8] {
            Array(
                (["files/1", method, key.path] + members.map { "\($0.name)=\($0.value)" }).joined(separator: "\n").utf8)
        }
    }

    func address(of grant: Grant, base: String) -> String {
        let seal = Hexadecimal.encode(HMACSHA256.authenticate(key: secret, message: grant.message))
        let query = (grant.members + [("seal", seal)]).map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        return "\(base)/files/\(grant.key.path)?\(query)"
    }

    /// What an address that was asked for allows, if we sealed it and its time is not over.
    func open(_ asked: AskedAddress, at now: Timestamp) throws(ServedFileFault) -> Grant {
        guard let key = BlobKey(asked.key), let expires = asked.query["expires"].flatMap({ Int64($0) }),
            let seal = asked.query["seal"]
        else { throw .forged }
        var grant = Grant(method: asked.method == "HEAD" ? "GET" : asked.method, key: key, expires: expires)
        grant.size = asked.query["size"].flatMap { Int($0) }
        grant.sha256 = asked.query["sha256"].flatMap { Digest($0) }
        grant.parts = asked.query["upload"].map { PartsID($0) }
        grant.part = asked.query["part"].flatMap { Int($0) }
        let expected = Hexadecimal.encode(HMACSHA256.authenticate(key: secret, message: grant.message))
        guard constantTimeEquals(seal, expected) else { throw .forged }
        guard now.seconds < expires else { throw .expired }
        return grant
    }
}
