import RoomStorage

/// Why Redis did not do what was asked, with the cause and the remedy; never with a password.
package enum RedisFault: Error, Equatable, Sendable {
    case connecting
    case unresolved(host: String, reason: String)
    case unreachable(RedisEndpoint, reason: String)
    /// Connected, and then silent.
    case silent(RedisEndpoint, while: String)
    case hungUp(RedisEndpoint)
    case insecure(RedisEndpoint, reason: String)
    case wrongPassword(RedisEndpoint)
    case passwordNeeded(RedisEndpoint)
    case notMaster(RedisEndpoint)
    case tooOld(RedisEndpoint, version: String)
    case noMaster(service: String, reason: String)
    /// An error the server answered with.
    case refused(String)
    case misspoken(String)
    case overloaded
    case closed
}

extension RedisFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .connecting: "Redis is being connected"
        case .unresolved(let host, let reason): "no address for the Redis host \(host): \(reason); check the URL"
        case .unreachable(let endpoint, let reason): "Redis at \(endpoint) cannot be reached: \(reason)"
        case .silent(let endpoint, let phase): "Redis at \(endpoint) does not answer (\(phase))"
        case .hungUp(let endpoint): "Redis at \(endpoint) closed the connection"
        case .insecure(let endpoint, let reason):
            "no TLS with Redis at \(endpoint): \(reason); check the CA file, the server name and the port"
        case .wrongPassword(let endpoint):
            "Redis at \(endpoint) refuses the user or password; check them in the URL"
        case .passwordNeeded(let endpoint): "Redis at \(endpoint) wants a password; put it into the URL"
        case .notMaster(let endpoint):
            "Redis at \(endpoint) is a replica; name the master, or use redis+sentinel://"
        case .tooOld(let endpoint, let version):
            "Redis at \(endpoint) is \(version); version 6.2 or newer is needed"
        case .noMaster(let service, let reason): "no sentinel names a master for \(service): \(reason)"
        case .refused(let text): Self.remedy(for: text)
        case .misspoken(let what): "what answers is not Redis or broken: \(what)"
        case .overloaded: "too much waits for Redis's answers; it is slower than what is asked of it"
        case .closed: "the connection to Redis was closed by this program"
        }
    }

    private static func remedy(for text: String) -> String {
        let remedies: [(code: String, remedy: String)] = [
            ("OOM", "Redis is full: raise maxmemory, or set a maxmemory-policy that evicts"),
            (
                "MISCONF",
                "Redis takes no writes because it cannot save to disk: free disk space there, or switch saving off"
            ),
            ("READONLY", "Redis has become a replica"),
            ("LOADING", "Redis is loading its data"),
            ("MASTERDOWN", "Redis is a replica that lost its master"),
            ("CLUSTERDOWN", "the Redis cluster is down: a part of its slots has no master"),
            ("NOSCRIPT", "the Redis user may not load scripts: grant it +script|load and +evalsha"),
            ("NOREPLICAS", "Redis takes no writes because it has too few replicas"),
            (
                "NOPERM",
                "the Redis user may not do what is needed: grant it the keys and channels rooms* and +@all -@admin"
            ),
        ]
        let known = remedies.first { text.hasPrefix($0.code) || text.contains("-\($0.code) ") }
        return known?.remedy ?? "Redis answered: \(text.prefix(200))"
    }

    var code: String { if case .refused(let text) = self { String(text.prefix { $0 != " " }) } else { "" } }
}

extension StoreError {
    init(_ fault: RedisFault) { self = fault == .closed ? .closed : .unavailable("\(fault)") }
}
