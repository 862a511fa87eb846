import EventLoops
import JSONWire

/// How to reach a room, and as whom.
package struct ClientSettings: Sendable {
    package enum Credential: Sendable {
        case jwt(String, room: String)
        case accountKey(String, room: String)
        /// The token knows its room.
        case workerToken(String)
    }

    package let address: SocketAddress
    /// What stands in the `Host` field.
    package let host: String
    package let path: String
    package var credential: Credential
    package var role = "client"
    package var peerID: String?
    package var metadata: JSONObject = [:]
    package var connectTimeout = Duration.seconds(10)
    package var requestTimeout = Duration.seconds(30)
    /// How long a write is repeated before it is given up.
    package var writeDeadline = Duration.seconds(120)
    package var backoff = Backoff()
    package var maxMessageBytes = 1 << 20

    /// - Parameter url: `ws://host[:port][/path]`. The name is looked up here, which may block for a moment.
    package init(url: String, credential: Credential) throws(ClientFault) {
        guard url.hasPrefix("ws://") else {
            throw .badAddress(
                url, url.hasPrefix("wss://") ? "TLS is not spoken here; use ws://" : "must begin with ws://")
        }
        let rest = url.dropFirst("ws://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        host = String(rest[..<slash])
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        guard !host.isEmpty, !host.contains("@"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badAddress(url, "must be ws://host:port/path")
        }
        let hasPort = host.last != "]" && host.split(separator: ":", omittingEmptySubsequences: false).count > 1
        do throws(LoopFault) {
            address = try SocketAddress(hasPort ? host : "\(host):80")
        } catch {
            throw .badAddress(url, "\(error)")
        }
        self.credential = credential
    }

    /// The `register` message.
    var registration: JSONObject {
        var message: JSONObject = [
            "type": "register", "role": .string(role), "metadata": .object(metadata),
            "capabilities": ["registry/1"],
        ]
        if let peerID { message["peer_id"] = .string(peerID) }
        switch credential {
        case .jwt(let token, let room):
            message["jwt"] = .string(token)
            message["room_id"] = .string(room)
        case .accountKey(let key, let room):
            message["api_key"] = .string(key)
            message["room_id"] = .string(room)
        case .workerToken(let token):
            message["api_key"] = .string(token)
        }
        return message
    }
}
