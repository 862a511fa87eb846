import Dispatch

/// One connection to one Redis: greeted, pipelined, and watched.
///
/// Commands are written as they come; replies are theirs in the same order. Each command is answered exactly once, by
/// its reply or by the fault that ended the connection. A server that is silent while an answer is due, or does not
/// answer a ping when none is, is left within `answerTimeout`.
final class RedisLink {
    typealias Answer = (Result<RedisValue, RedisFault>) -> Void

    /// What is expected of who answers.
    enum Kind { case master, sentinel }

    private struct Waiting {
        let since: Duration
        let size: Int
        let answer: Answer
    }

    let endpoint: RedisEndpoint
    let settings: RedisSettings
    private let socket: RedisSocket
    private let reader: ReplyReader?
    private let queue: DispatchQueue
    private var waiting = Fifo<Waiting>()
    private var unanswered = 0
    private var started = QueueTimer.now
    private var lastHeard = QueueTimer.now
    private var lastPing = QueueTimer.now
    private var lastLook = QueueTimer.now
    private var watch: QueueTimer?
    private var isReady = false
    private var isEnded = false
    /// Set once the connection is a subscriber's: it hears messages then, and no replies in order.
    private var onMessage: (([RedisValue]) -> Void)?

    var onReady: (RedisGreeting) -> Void = { _ in }
    var onEnd: (RedisFault) -> Void = { _ in }

    init(
        to endpoint: RedisEndpoint, as kind: Kind, url: RedisURL, settings: RedisSettings, queue: DispatchQueue
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.queue = queue
        reader = ReplyReader(limit: settings.replyLimit)
        socket = RedisSocket(to: endpoint, isSecure: url.isSecure, settings: settings, queue: queue)
        socket.onBytes = { [weak self] (bytes: UnsafeRawBufferPointer) throws(RedisFault) in try self?.received(bytes) }
        socket.onEnd = { [weak self] in self?.end($0) }
        socket.onOpen = { [weak self] in self?.greet(as: kind, url: url) }
    }

    func open() {
        watch = QueueTimer(every: .milliseconds(200), on: queue) { [weak self] in self?.lookAtTheClock() }
        socket.connect()
    }

    func send(_ bytes: [UInt8], _ answer: @escaping Answer) {
        guard !isEnded else { return answer(.failure(.closed)) }
        guard unanswered + bytes.count <= settings.unansweredLimit else {
            answer(.failure(.overloaded))
            return end(.overloaded)
        }
        unanswered += bytes.count
        waiting.append(Waiting(since: QueueTimer.now, size: bytes.count, answer: answer))
        socket.send(bytes)
    }

    /// From now on everything heard goes to `onMessage`.
    func subscribe(_ onMessage: @escaping ([RedisValue]) -> Void) { self.onMessage = onMessage }

    /// For a subscriber, whose commands are answered by messages.
    func tell(_ bytes: [UInt8]) {
        if !isEnded { socket.send(bytes) }
    }

    func end(_ fault: RedisFault) {
        guard !isEnded else { return }
        isEnded = true
        watch = nil
        socket.close()
        for each in waiting.removeAll() { each.answer(.failure(fault)) }
        onMessage = nil
        onEnd(fault)
    }
}

// MARK: - Replies

extension RedisLink {
    private func received(_ bytes: UnsafeRawBufferPointer) throws(RedisFault) {
        lastHeard = QueueTimer.now
        guard let reader else { throw .misspoken("out of memory") }
        try reader.feed(bytes)
        while !isEnded, let value = try reader.next() {
            if let onMessage {
                guard let message = value.array else {
                    throw value.error.map { .refused($0) } ?? .misspoken("no message")
                }
                onMessage(message)
            } else {
                guard let next = waiting.popFirst() else { throw .misspoken("a reply to nothing") }
                unanswered -= next.size
                next.answer(.success(value))
            }
        }
    }

    private func lookAtTheClock() {
        let now = QueueTimer.now
        guard !isLate(at: now) else { return }
        guard isReady else {
            if now - started > settings.connectTimeout { end(.silent(endpoint, while: "connecting")) }
            return
        }
        let due = onMessage != nil ? lastPing : (waiting.first?.since ?? now)
        let isAnswerDue = onMessage != nil ? lastPing > lastHeard : !waiting.isEmpty
        if isAnswerDue, now - max(due, lastHeard) > settings.answerTimeout {
            return end(.silent(endpoint, while: "an answer is due"))
        }
        let isIdle = onMessage != nil ? !isAnswerDue : waiting.isEmpty
        if isIdle, now - max(lastPing, lastHeard) > .milliseconds(800) { ping(at: now) }
    }

    /// Whether we slept ourselves: then answers may lie there unread, and the time is not the server's.
    private func isLate(at now: Duration) -> Bool {
        let gap = now - lastLook
        lastLook = now
        guard gap > .seconds(1) else { return false }
        started += gap
        lastHeard = min(now, lastHeard + gap)
        return true
    }

    private func ping(at now: Duration) {
        lastPing = now
        let bytes = RedisCommand("PING").bytes
        if onMessage == nil { send(bytes) { _ in } } else { tell(bytes) }
    }
}

// MARK: - Greeting

extension RedisLink {
    private func greet(as kind: Kind, url: RedisURL) {
        var hello = ["HELLO", "2"]
        if let password = url.password { hello += ["AUTH", url.user ?? "default", password] }
        let greeting = GreetingReplies()
        ask(hello) { greeting.hello = $0 }
        guard kind == .master else {
            ask(["PING"]) { [weak self] _ in self?.becomeReady(RedisGreeting()) }
            return
        }
        if url.database != 0 { ask(["SELECT", String(url.database)]) { greeting.select = $0 } }
        ask(["PING"]) { [weak self] reply in
            guard let self else { return }
            greeting.ping = reply
            do throws(RedisFault) { becomeReady(try greeting.judged(at: endpoint)) } catch { end(error) }
        }
    }

    private func ask(_ words: [String], _ answer: @escaping (RedisValue) -> Void) {
        send(RedisCommand(words: words.map { Array($0.utf8) }).bytes) { result in
            if case .success(let value) = result { answer(value) }
        }
    }

    private func becomeReady(_ greeting: RedisGreeting) {
        guard !isEnded else { return }
        isReady = true
        onReady(greeting)
    }
}
