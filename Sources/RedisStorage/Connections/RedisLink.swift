/// Keeps one connection alive: opens it, prepares it, and opens it again whenever it ends.
actor RedisLink {
    nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let door: RedisDoor
    private let prepare: @Sendable (RedisConnection) async throws(RedisFault) -> Void
    private let onChange: @Sendable (RedisFault?) -> Void
    /// Opened and prepared.
    private(set) var connection: RedisConnection?
    private var unprepared: RedisConnection?
    private var isClosed = false

    /// - Parameter prepare: makes a new connection ready for use.
    /// - Parameter onChange: hears nil when a connection is ready and a fault whenever there is none; on the queue.
    init(
        through door: RedisDoor, prepare: @escaping @Sendable (RedisConnection) async throws(RedisFault) -> Void,
        onChange: @escaping @Sendable (RedisFault?) -> Void
    ) {
        executor = door.executor
        self.door = door
        self.prepare = prepare
        self.onChange = onChange
    }

    /// Returns after ``close()``.
    func run() async {
        var failures = 0
        while !isClosed {
            let openedAt = ContinuousClock.now
            let fault = await runOnce()
            guard !isClosed else { break }
            onChange(fault)
            // A connection that lasted is worth a fast try; one that ends at once is not.
            failures = ContinuousClock.now - openedAt > .seconds(5) ? 0 : min(failures + 1, 16)
            let pause = min(door.settings.shortestPause * (1 << failures), door.settings.longestPause)
            try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
        }
        onChange(.closed)
    }

    /// From an attempt to open a connection to its end; why it ended.
    private func runOnce() async -> RedisFault {
        do throws(RedisFault) {
            let (opened, _) = try await door.open()
            unprepared = opened
            defer { unprepared = nil }
            guard !isClosed else {
                await opened.finish(.closed)
                return .closed
            }
            do throws(RedisFault) { try await prepare(opened) } catch {
                await opened.finish(error)
                throw error
            }
            connection = opened
            onChange(nil)
            let fault = await opened.end()
            connection = nil
            return fault
        } catch {
            return error
        }
    }

    /// Ends the connection that stands; another follows.
    func drop(_ fault: RedisFault) {
        connection?.assumeIsolated { $0.finish(fault) }
    }

    func send(_ command: RedisCommand, answer: @escaping RedisAnswer) {
        guard let connection else { return answer(.failure(.lost("there is none now"))) }
        connection.assumeIsolated { $0.send(command, answer: answer) }
    }

    func close() {
        isClosed = true
        for open in [connection, unprepared] { open?.assumeIsolated { $0.finish(.closed) } }
    }
}
