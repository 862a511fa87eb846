/// Why Redis could not be used. No text of it holds a password.
package enum RedisFault: Error, Equatable, Sendable {
    case malformedURL(String)
    case noSuchHost(String)
    case unreachable(String)
    case tls(String)
    /// Nothing came back in time.
    case silent(String)
    /// The connection ended, by whichever side.
    case lost(String)
    case wrongPassword
    case passwordNeeded
    case notPermitted(String)
    case notMaster(String)
    /// No sentinel knows the service.
    case noMaster(String)
    case tooOld(String)
    case loading
    case outOfMemory
    /// It refuses writes because it cannot save to its disk.
    case cannotSave
    /// Another error reply.
    case refused(String)
    /// What came is not the Redis protocol, or not what was asked for.
    case unreadable(String)
    /// More is unanswered than may wait.
    case overflow
    case closed
}

extension RedisFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedURL(let why):
            "the Redis URL cannot be used: \(why). Write redis://[user:password@]host:port/db, rediss://… for TLS, "
                + "or redis+sentinel://[:password@]host:port,host:port/service/db"
        case .noSuchHost(let host): "no host is named \(host): correct the Redis URL or the name service"
        case .unreachable(let why): "Redis cannot be reached: \(why). Is it running, and is the address right?"
        case .tls(let why): "TLS with Redis failed: \(why). Check the CA file, the host name and that the port speaks TLS"
        case .silent(let what): "Redis does not answer (\(what)): it is stopped, overloaded or cut off"
        case .lost(let why): "the connection to Redis ended: \(why)"
        case .wrongPassword: "Redis refused the user name or password: correct them in the Redis URL"
        case .passwordNeeded: "Redis asks for a password: add it to the Redis URL"
        case .notPermitted(let what): "the Redis user may not do this: \(what). Extend its ACL rules"
        case .notMaster(let role): "this Redis is a \(role), not a master: name the master, or use redis+sentinel://"
        case .noMaster(let why): "the sentinels name no master: \(why). Check the service name and the sentinels"
        case .tooOld(let version): "Redis \(version) is too old: 6.2 or newer is needed"
        case .loading: "Redis is loading its data: this passes by itself"
        case .outOfMemory: "Redis has reached its maxmemory: raise it, or set maxmemory-policy volatile-ttl"
        case .cannotSave: "Redis refuses writes since it cannot save to its disk: free its disk, or see its log"
        case .refused(let text): "Redis refused: \(text)"
        case .unreadable(let why): "what answered is not a Redis as expected: \(why)"
        case .overflow: "Redis is too slow: more commands are unanswered than may wait"
        case .closed: "the connection to Redis was closed by this program"
        }
    }

    /// - Parameter reply: the text of an error reply, such as `WRONGPASS invalid username-password pair`.
    init(reply: String) {
        let code = reply.prefix { $0 != " " }
        switch code {
        case "WRONGPASS": self = .wrongPassword
        case "NOAUTH": self = .passwordNeeded
        case "NOPERM": self = .notPermitted(String(reply.prefix(200)))
        case "READONLY": self = .notMaster("replica")
        case "LOADING": self = .loading
        case "OOM": self = .outOfMemory
        case "MISCONF": self = .cannotSave
        // Before version 7 the cause stands behind "Error running script".
        case _ where reply.contains("OOM command not allowed"): self = .outOfMemory
        case _ where reply.contains("MISCONF "): self = .cannotSave
        case _ where reply.contains("READONLY "): self = .notMaster("replica")
        default: self = .refused(String(reply.prefix(200)))
        }
    }
}
