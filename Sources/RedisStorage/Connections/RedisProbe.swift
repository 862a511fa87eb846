/// What a Redis says of itself, asked once: for a check of a configuration before it is used.
package struct RedisProbe: Sendable, Equatable {
    package let version: String
    package let runID: String

    /// Connects, authenticates, verifies that it is a master of a version that serves, and goes.
    package static func run(
        url text: String, caFile: String? = nil, settings: RedisSettings = RedisSettings()
    ) async throws(RedisFault) -> RedisProbe {
        let url = try RedisURL(text)
        let executor = QueueExecutor(label: "rooms.redis.probe")
        let door = RedisDoor(url: url, caFile: caFile, settings: settings, executor: executor)
        let (connection, greeting) = try await door.open()
        await connection.finish(.closed)
        return RedisProbe(version: greeting.version, runID: greeting.runID)
    }
}
