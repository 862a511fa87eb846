import Dispatch
import Glibc

/// One address a socket can connect to.
struct SocketAddress: Sendable {
    let family: Int32
    let bytes: [UInt8]
}

/// Names to addresses. `getaddrinfo` blocks, for seconds when a name server is away, so it has threads of its own.
enum NameLookup {
    private static let queue = DispatchQueue(label: "rooms.redis.names", attributes: .concurrent)

    static func find(
        _ endpoint: RedisEndpoint, for answer: Confined<(Result<[SocketAddress], RedisFault>) -> Void>
    ) {
        queue.async {
            let result = Result { () throws(RedisFault) in try addresses(of: endpoint) }
            answer.submit { $0(result) }
        }
    }

    private static func addresses(of endpoint: RedisEndpoint) throws(RedisFault) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else { throw .unresolved(host: endpoint.host, reason: String(cString: gai_strerror(code))) }
        return sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }.prefix(4).compactMap { entry in
            guard let entry = entry?.pointee, let address = entry.ai_addr else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
            return SocketAddress(family: entry.ai_family, bytes: Array(bytes))
        }
    }
}
