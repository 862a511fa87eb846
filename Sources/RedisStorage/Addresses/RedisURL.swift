/// Where Redis is and who we are there.
///
///     redis://[[user]:password@]host[:port][/db]               one server, or any node of a cluster
///     rediss://…                                               the same over TLS
///     redis+sentinel://[[user]:password@]host:port[,host:port…]/service[/db]
///     rediss+sentinel://…
///
/// User and password may be percent-encoded. Sentinels are given the same ones, and may know none.
package struct RedisURL: Sendable, Equatable {
    package enum Place: Sendable, Equatable {
        case server(RedisEndpoint)
        case sentinels([RedisEndpoint], service: String)
    }

    package var place: Place
    package var isSecure: Bool
    package var user: String?
    package var password: String?
    package var database: Int

    package init(_ text: String) throws(RedisURLError) {
        guard let colon = text.range(of: "://") else { throw .noScheme }
        let scheme = text[..<colon.lowerBound]
        guard ["redis", "rediss", "redis+sentinel", "rediss+sentinel"].contains(scheme) else { throw .unknownScheme }
        isSecure = scheme.hasPrefix("rediss")
        let rest = text[colon.upperBound...]
        guard rest.utf8.count <= 4_096, !rest.contains(where: { "?# \t\r\n".contains($0) }) else { throw .malformed }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let path = rest[slash...].split(separator: "/")
        let at = authority.lastIndex(of: "@")
        (user, password) = try Self.credentials(at.map { authority[..<$0] })
        let hosts = at.map { authority[authority.index(after: $0)...] } ?? authority
        if scheme.hasSuffix("sentinel") {
            guard let service = path.first else { throw .noService }
            let sentinels = try hosts.split(separator: ",").map { text throws(RedisURLError) in
                try Self.endpoint(text, defaultPort: 26_379)
            }
            guard (1...32).contains(sentinels.count) else { throw .noHost }
            place = .sentinels(sentinels, service: String(service))
            database = try Self.database(path.dropFirst())
        } else {
            place = .server(try Self.endpoint(hosts, defaultPort: 6_379))
            database = try Self.database(path[...])
        }
    }

    private static func credentials(_ text: Substring?) throws(RedisURLError) -> (String?, String?) {
        guard let text else { return (nil, nil) }
        guard let colon = text.firstIndex(of: ":") else { throw .noPassword }
        guard let user = percentDecoded(text[..<colon]),
            let password = percentDecoded(text[text.index(after: colon)...])
        else { throw .badEscape }
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : password)
    }

    private static func endpoint(_ text: Substring, defaultPort: Int) throws(RedisURLError) -> RedisEndpoint {
        var host = text
        var port: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw .noHost }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            guard !host.contains(":") else { throw .noHost }
        }
        guard (1...255).contains(host.utf8.count), !host.contains(where: { "@[]".contains($0) }) else { throw .noHost }
        guard let port else { return RedisEndpoint(host: String(host), port: defaultPort) }
        guard let number = Int(port), (1...65_535).contains(number) else { throw .badPort }
        return RedisEndpoint(host: String(host), port: number)
    }

    private static func database(_ path: ArraySlice<Substring>) throws(RedisURLError) -> Int {
        guard let text = path.first else { return 0 }
        guard path.count == 1, let number = Int(text), (0...65_535).contains(number) else { throw .badDatabase }
        return number
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension StringProtocol {
    /// Where a short text first stands.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<self.index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}

/// What is wrong with a Redis URL, in words that show nothing of it.
package enum RedisURLError: Error, Equatable, Sendable, CustomStringConvertible {
    case noScheme, unknownScheme, malformed, noHost, badPort, badDatabase, noService, noPassword, badEscape

    package var description: String {
        let what =
            switch self {
            case .noScheme, .unknownScheme:
                "it begins with none of redis://, rediss://, redis+sentinel://, rediss+sentinel://"
            case .malformed: "it is longer than 4,096 bytes or has a space, ? or # (write %20, %3F, %23 in a password)"
            case .noHost: "its host is missing or malformed (an IPv6 address stands in brackets)"
            case .badPort: "its port is not a number from 1 to 65535 (write / in a password as %2F)"
            case .badDatabase: "what follows the host is not a database number such as /0"
            case .noService: "it names no sentinel service: redis+sentinel://host:port/service"
            case .noPassword: "before the @ stands no user:password (write :password@ when there is no user)"
            case .badEscape: "a % in user or password is not followed by two hex digits (write %25 for the sign itself)"
            }
        return "the Redis URL cannot be used: \(what)"
    }
}
