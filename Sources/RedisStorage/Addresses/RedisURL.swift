/// Where Redis is and how to enter it, read from a URL.
struct RedisURL: Sendable, Equatable {
    struct Endpoint: Sendable, Hashable {
        let host: String
        let port: UInt16
    }

    enum Target: Sendable, Equatable {
        case server(Endpoint)
        case sentinels([Endpoint], service: String)
    }

    let target: Target
    let usesTLS: Bool
    let user: String?
    let password: String?
    let database: Int

    private static let maxBytes = 4096
    private static let maxSentinels = 32

    init(_ text: String) throws(RedisFault) {
        guard text.utf8.count <= Self.maxBytes else { throw .malformedURL("it is longer than 4096 bytes") }
        guard let scheme = text.firstRange(of: "://") else { throw .malformedURL("it has no ://") }
        let isSentinel: Bool
        switch text[..<scheme.lowerBound] {
        case "redis": (usesTLS, isSentinel) = (false, false)
        case "rediss": (usesTLS, isSentinel) = (true, false)
        case "redis+sentinel": (usesTLS, isSentinel) = (false, true)
        case "rediss+sentinel": (usesTLS, isSentinel) = (true, true)
        default: throw .malformedURL("its scheme is not redis, rediss or redis+sentinel")
        }
        var rest = text[scheme.upperBound...]
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw .malformedURL("it has a query or fragment; write ? and # in a password as %3F and %23")
        }
        (user, password) = try Self.credentials(takenFrom: &rest)
        let pieces = rest.split(separator: "/", omittingEmptySubsequences: false)
        let hosts = pieces.first ?? ""
        if isSentinel {
            guard pieces.count >= 2, !pieces[1].isEmpty else { throw .malformedURL("it names no sentinel service") }
            target = .sentinels(try Self.sentinels(hosts), service: try Self.decoded(pieces[1]))
        } else {
            target = .server(try Self.endpoint(hosts, defaultPort: 6379))
        }
        database = try Self.database(pieces.dropFirst(isSentinel ? 2 : 1))
    }

    private static func credentials(takenFrom rest: inout Substring) throws(RedisFault) -> (String?, String?) {
        guard let at = rest.lastIndex(of: "@") else { return (nil, nil) }
        let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        rest = rest[rest.index(after: at)...]
        guard parts.count == 2 else { throw .malformedURL("before @ stands user:password or :password") }
        let user = try decoded(parts[0])
        let password = try decoded(parts[1])
        guard !password.isEmpty else { throw .malformedURL("the password is empty") }
        return (user.isEmpty ? nil : user, password)
    }

    private static func sentinels(_ text: Substring) throws(RedisFault) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try endpoint(piece, defaultPort: 26379))
        }
        guard endpoints.count <= maxSentinels else { throw .malformedURL("it names more than 32 sentinels") }
        return endpoints
    }

    private static func endpoint(_ text: Substring, defaultPort: UInt16) throws(RedisFault) -> Endpoint {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw .malformedURL("[ is not closed in its host") }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.first == ":" else { throw .malformedURL("after ] stands :port") }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .malformedURL("it names no host")
        }
        guard let port else { return Endpoint(host: String(host), port: defaultPort) }
        guard let number = UInt16(port), number > 0 else { throw .malformedURL("its port is not 1–65535") }
        return Endpoint(host: String(host), port: number)
    }

    private static func database(_ pieces: ArraySlice<Substring>) throws(RedisFault) -> Int {
        guard let text = pieces.first, !(text.isEmpty && pieces.count == 1) else { return 0 }
        guard pieces.count == 1, let number = Int(text), (0...65_535).contains(number) else {
            throw .malformedURL("its database is not a number")
        }
        return number
    }

    /// Percent-encoding undone (RFC 3986, section 2.1).
    private static func decoded(_ text: Substring) throws(RedisFault) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else {
                throw .malformedURL("a % in it is not followed by two hex digits")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let result = String(validating: bytes, as: UTF8.self) else {
            throw .malformedURL("its percent-encoding is not UTF-8")
        }
        return result
    }
}
