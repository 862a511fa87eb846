/// Opens connections to the master a URL means, and makes sure that it is one.
struct RedisDoor: Sendable {
    let url: RedisURL
    let caFile: String?
    let settings: RedisSettings
    let executor: QueueExecutor

    struct Greeting: Sendable {
        let version: String
        let runID: String
        let isCluster: Bool
    }

    /// Asks sentinels anew each time: after a failover the old master may still answer.
    func open() async throws(RedisFault) -> (RedisConnection, Greeting) {
        switch url.target {
        case .server(let endpoint): return try await enter(endpoint)
        case .sentinels(let sentinels, let service):
            var fault = RedisFault.noMaster("none is named")
            for sentinel in sentinels {
                do throws(RedisFault) {
                    return try await enter(try await master(of: service, askedOf: sentinel))
                } catch {
                    fault = error
                }
            }
            throw fault
        }
    }

    private func connect(_ endpoint: RedisURL.Endpoint) async throws(RedisFault) -> RedisConnection {
        try await RedisConnection.open(
            endpoint, usesTLS: url.usesTLS, caFile: caFile, settings: settings, on: executor)
    }

    private func enter(_ endpoint: RedisURL.Endpoint) async throws(RedisFault) -> (RedisConnection, Greeting) {
        let connection = try await connect(endpoint)
        do throws(RedisFault) {
            if url.password != nil { try await authenticate(connection) }
            if url.database != 0 {
                _ = try await connection.call(RedisCommand("SELECT", String(url.database)))
            }
            let greeting = try await greet(connection)
            return (connection, greeting)
        } catch {
            await connection.finish(.closed)
            throw error
        }
    }

    private func authenticate(_ connection: RedisConnection) async throws(RedisFault) {
        guard let password = url.password else { return }
        let words = url.user.map { RedisCommand("AUTH", $0, password) } ?? RedisCommand("AUTH", password)
        do throws(RedisFault) {
            _ = try await connection.call(words)
        } catch .refused(let text) where text.contains("without any password configured") {
            throw .refused("it has no password set, and the Redis URL has one: take it out there, or set requirepass")
        }
    }

    private func greet(_ connection: RedisConnection) async throws(RedisFault) -> Greeting {
        let info = try await connection.call(RedisCommand("INFO", "server"))
        let fields = Self.fields(of: info.textValue ?? "")
        guard let version = fields["redis_version"] else { throw .unreadable("INFO tells no redis_version") }
        guard Self.isNewEnough(version) else { throw .tooOld(version) }
        let role = try await connection.call(RedisCommand("ROLE")).arrayValue?.first?.textValue ?? "server of no role"
        guard role == "master" else { throw .notMaster(role == "slave" ? "replica" : role) }
        return Greeting(
            version: version, runID: fields["run_id"] ?? "", isCluster: fields["redis_mode"] == "cluster")
    }

    private static func isNewEnough(_ version: String) -> Bool {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        guard let major = numbers.first else { return false }
        return major > 6 || (major == 6 && numbers.count > 1 && numbers[1] >= 2)
    }

    /// The lines `name:value` of an `INFO` reply.
    private static func fields(of info: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }

    private func master(
        of service: String, askedOf sentinel: RedisURL.Endpoint
    ) async throws(RedisFault) -> RedisURL.Endpoint {
        let connection = try await connect(sentinel)
        let question = RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", service)
        let reply: RedisReply
        do throws(RedisFault) {
            reply = try await connection.call(question)
        } catch .passwordNeeded where url.password != nil {
            // Most sentinels have none of their own; those that do are given the servers'.
            try await authenticate(connection)
            reply = try await connection.call(question)
        } catch {
            await connection.finish(.closed)
            throw error
        }
        await connection.finish(.closed)
        guard let parts = reply.arrayValue, parts.count == 2, let host = parts[0].textValue, !host.isEmpty,
            let port = parts[1].textValue.flatMap({ UInt16($0) })
        else { throw .noMaster("\(sentinel.host):\(sentinel.port) does not know the service \(service)") }
        return RedisURL.Endpoint(host: host, port: port)
    }
}
