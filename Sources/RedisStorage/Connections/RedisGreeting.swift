/// Who answered.
struct RedisGreeting: Equatable {
    var version = ""
    var isCluster = false
}

/// What the first commands of a connection were answered.
final class GreetingReplies {
    var hello = RedisValue.null
    var select = RedisValue.null
    var ping = RedisValue.null

    /// Who answered, if we may work with it.
    ///
    /// `HELLO 2` ([redis.io/commands/hello](https://redis.io/commands/hello)) authenticates and tells version, mode and
    /// role in one step, which needs no right beside that to connect.
    func judged(at endpoint: RedisEndpoint) throws(RedisFault) -> RedisGreeting {
        if let text = hello.error { throw Self.fault(text, at: endpoint) }
        let facts = facts()
        if let text = select.error { throw .refused(text) }
        if let text = ping.error { throw Self.fault(text, at: endpoint) }
        let version = facts["version"] ?? ""
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        if numbers.lexicographicallyPrecedes([6, 2]) { throw .tooOld(endpoint, version: version) }
        let isCluster = facts["mode"] == "cluster"
        guard isCluster || facts["role"] != "replica" else { throw .notMaster(endpoint) }
        return RedisGreeting(version: version, isCluster: isCluster)
    }

    private func facts() -> [String: String] {
        let list = hello.array ?? []
        var facts: [String: String] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            if let name = list[index].text, let value = list[index + 1].text { facts[name] = value }
        }
        return facts
    }

    private static func fault(_ text: String, at endpoint: RedisEndpoint) -> RedisFault {
        if text.hasPrefix("WRONGPASS") || text.contains("without any password") { return .wrongPassword(endpoint) }
        if text.hasPrefix("NOAUTH") { return .passwordNeeded(endpoint) }
        if text.hasPrefix("ERR unknown command") { return .tooOld(endpoint, version: "older than 6") }
        return .refused(text)
    }
}
