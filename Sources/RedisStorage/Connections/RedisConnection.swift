import CLinux
import Dispatch
import Glibc

/// Hears a reply, or why there is none; called on the connection's queue.
typealias RedisAnswer = @Sendable (Result<RedisReply, RedisFault>) -> Void

/// One connection from its opening to its end; commands are written as they come, replies matched in their order.
///
/// It ends once: then every command that is unanswered hears why, and so does ``end()``.
actor RedisConnection {
    enum Phase {
        case connecting, securing, open
        case ended(RedisFault)
    }

    nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let endpoint: RedisURL.Endpoint
    let settings: RedisSettings
    var phase = Phase.connecting
    var descriptor: Descriptor?
    var reading: (any DispatchSourceRead)?
    var writing: (any DispatchSourceWrite)?
    var isWritingSuspended = true
    var ticking: (any DispatchSourceTimer)?
    var tls: TLSChannel?
    var output: [UInt8] = []
    var outputHead = 0
    /// Formatted but not yet encrypted or sent.
    var unsent: [UInt8] = []
    var isFlushDue = false
    let reader: ReplyReader
    var pending = PendingReplies()
    var lastHeard = ContinuousClock.now
    let openedBy: ContinuousClock.Instant
    var opening: CheckedContinuation<Result<Void, RedisFault>, Never>?
    var ending: CheckedContinuation<RedisFault, Never>?
    /// Replies nobody asked for: the messages of subscribed channels.
    var onMessage: (@Sendable (_ channel: [UInt8], _ payload: [UInt8]) -> Void)?

    /// Connects and, if asked to, secures the connection.
    static func open(
        _ endpoint: RedisURL.Endpoint, usesTLS: Bool, caFile: String?, settings: RedisSettings, on executor: QueueExecutor
    ) async throws(RedisFault) -> RedisConnection {
        let deadline = ContinuousClock.now + settings.connectLimit
        var fault = RedisFault.noSuchHost(endpoint.host)
        for address in try await addresses(of: endpoint, within: settings.connectLimit) {
            let connection = try RedisConnection(
                to: endpoint, deadline: deadline, settings: settings, executor: executor)
            do throws(RedisFault) {
                try await connection.establish(address, usesTLS: usesTLS, caFile: caFile)
                return connection
            } catch {
                fault = error
            }
        }
        throw fault
    }

    private init(
        to endpoint: RedisURL.Endpoint, deadline: ContinuousClock.Instant, settings: RedisSettings,
        executor: QueueExecutor
    ) throws(RedisFault) {
        self.executor = executor
        self.endpoint = endpoint
        self.settings = settings
        openedBy = deadline
        reader = try ReplyReader(limit: settings.replyBytes)
    }

    private static func addresses(
        of endpoint: RedisURL.Endpoint, within limit: Duration
    ) async throws(RedisFault) -> [SocketAddress] {
        let once = OneAnswer<[SocketAddress]>()
        let result = await withCheckedContinuation { continuation in
            once.await(continuation)
            SocketAddress.lookUp(endpoint) { once.give($0) }
            DispatchQueue.global().asyncAfter(deadline: .now() + limit.seconds) {
                once.give(.failure(.silent("the name \(endpoint.host) is not looked up in time")))
            }
        }
        return try result.get()
    }
}

// MARK: - Commands

extension RedisConnection {
    /// Sends a command in the order of the calls. `answer` may be called before this returns.
    func send(_ command: RedisCommand, answer: @escaping RedisAnswer) {
        switch phase {
        case .ended(let fault): return answer(.failure(fault))
        case .connecting, .securing: return answer(.failure(.silent("it is not open yet")))
        case .open: break
        }
        guard pending.bytes + command.size <= settings.unansweredBytes else {
            finish(.overflow)
            return answer(.failure(.overflow))
        }
        guard command.format(into: &unsent) else { return answer(.failure(.refused("no memory for the command"))) }
        pending.append(
            PendingReplies.Entry(size: command.size, sentAt: .now, repliesLeft: command.replies, answer: answer))
        guard !isFlushDue else { return }
        // Commands of one burst leave in one write.
        isFlushDue = true
        executor.queue.async { [weak self] in self?.assumeIsolated { $0.flush() } }
    }

    /// A command's reply; an error reply is thrown.
    func call(_ command: RedisCommand) async throws(RedisFault) -> RedisReply {
        let result = await withCheckedContinuation { continuation in
            send(command) { continuation.resume(returning: $0) }
        }
        return try result.get().checked()
    }

    func hearMessages(_ hear: @escaping @Sendable (_ channel: [UInt8], _ payload: [UInt8]) -> Void) {
        onMessage = hear
    }

    /// Why it ended, when it has.
    func end() async -> RedisFault {
        if case .ended(let fault) = phase { return fault }
        return await withCheckedContinuation { ending = $0 }
    }

    /// A reply, or a message of a channel: `["message", channel, payload]`, never asked for.
    func take(_ reply: RedisReply) {
        if let hear = onMessage, case .array(let items) = reply, items.count == 3,
            items[0].bytesValue.map({ $0.elementsEqual("message".utf8) }) == true
        {
            guard let channel = items[1].bytesValue, let payload = items[2].bytesValue else { return }
            return hear(channel, payload)
        }
        let (isExpected, complete) = pending.matched(by: reply)
        guard isExpected else { return finish(.unreadable("a reply to nothing that was asked")) }
        complete?.answer(.success(reply))
    }

    func finish(_ fault: RedisFault) {
        if case .ended = phase { return }
        phase = .ended(fault)
        closeSocket()
        for entry in pending.removeAll() { entry.answer(.failure(fault)) }
        opening?.resume(returning: .failure(fault))
        opening = nil
        ending?.resume(returning: fault)
        ending = nil
        onMessage = nil
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    /// At least one.
    var wholeMilliseconds: Int { max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)) }
}
