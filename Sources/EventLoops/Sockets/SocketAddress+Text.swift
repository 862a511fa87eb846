import Glibc

extension SocketAddress: CustomStringConvertible {
    /// A host name has at most 253 bytes; brackets, a scope and the port come to it.
    package static let maximumTextLength = 300

    /// Reads `127.0.0.1:0`, `[::1]:8080` or, with `resolving`, `localhost:80`.
    ///
    /// Resolving asks the name service and blocks: only at start, never on a loop. The first address found counts.
    package init(_ text: String, resolving: Bool = true) throws(LoopFault) {
        guard let (host, port) = Self.split(text) else { throw .invalidAddress(text) }
        guard let address = Self.find(host, port, resolving: resolving) else {
            throw resolving ? .unresolvedAddress(text) : .invalidAddress(text)
        }
        self = address
    }

    /// `127.0.0.1:8080`, `[2001:db8::1]:8080`.
    package var description: String { family == .v4 ? "\(numericHost):\(port)" : "[\(numericHost)]:\(port)" }

    /// The address alone: `127.0.0.1`, `2001:db8::1`.
    package var numericHost: String { Self.text(family, high, low) }

    /// What limits per address count by: an IPv4 address, or the /64 of an IPv6 address (`2001:db8:1:2::/64`), for
    /// one subscriber usually holds all addresses of a /64.
    package var host: String { family == .v4 ? numericHost : Self.text(.v6, high, 0) + "/64" }

    private static func text(_ family: Family, _ high: UInt64, _ low: UInt64) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            if family == .v4 {
                var number = UInt32(truncatingIfNeeded: low).bigEndian
                inet_ntop(AF_INET, &number, start, socklen_t(buffer.count))
            } else {
                var numbers = (high.bigEndian, low.bigEndian)
                inet_ntop(AF_INET6, &numbers, start, socklen_t(buffer.count))
            }
            return String(cString: start)
        }
    }

    private static func split(_ text: String) -> (host: String, port: String)? {
        guard text.utf8.count <= maximumTextLength, let colon = text.lastIndex(of: ":") else { return nil }
        let port = text[text.index(after: colon)...]
        guard port.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), UInt16(port) != nil else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty || host.utf8.contains(0) ? nil : (String(host), String(port))
    }

    private static func find(_ host: String, _ port: String, resolving: Bool) -> SocketAddress? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | (resolving ? 0 : AI_NUMERICHOST)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0, let first = found?.pointee else { return nil }
        defer { freeaddrinfo(found) }
        return first.ai_addr.flatMap {
            SocketAddress(UnsafeRawBufferPointer(start: $0, count: Int(first.ai_addrlen)))
        }
    }
}
