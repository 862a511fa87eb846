import EventLoops
import JSONWire

/// One registered socket: requests find their replies, everything else comes in ``messages``.
package actor RoomConnection {
    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private typealias Answer = Result<JSONObject, ClientFault>

    private let settings: ClientSettings
    private var socket: ClientSocket?
    private var lastRequest = 0
    private var waiting: [String: CheckedContinuation<Answer, Never>] = [:]
    private var registering: CheckedContinuation<Answer, Never>?
    private var timers: [String: LoopTimer] = [:]
    /// Why the socket ended, once it has.
    package private(set) var end: ClientFault?
    /// The `registered_auth` message.
    package private(set) var greeting: JSONObject = [:]
    /// What the server sends unasked, in order. It ends with the socket; read by one reader.
    package nonisolated let messages: AsyncStream<JSONObject>
    private let messageSink: AsyncStream<JSONObject>.Continuation

    private init(_ settings: ClientSettings, on loop: EventLoop) {
        self.settings = settings
        self.loop = loop
        (messages, messageSink) = AsyncStream.makeStream()
    }

    /// Connects and registers.
    package static func open(
        _ settings: ClientSettings, on loop: EventLoop
    ) async throws(ClientFault) -> RoomConnection {
        let connection = RoomConnection(settings, on: loop)
        try await connection.register()
        return connection
    }

    private func register() async throws(ClientFault) {
        let answer = await withCheckedContinuation { continuation in
            registering = continuation
            let socket = ClientSocket(settings) { event in self.assumeIsolated { $0.heard(event) } }
            self.socket = socket
            do throws(LoopFault) {
                try socket.connect(on: loop)
            } catch {
                heard(.ended(.cannotConnect("\(error)")))
            }
        }
        greeting = try answer.get()
    }

    /// Sends a request and gives its reply; a refusal is thrown.
    package func request(_ type: String, _ fields: JSONObject = [:]) async throws(ClientFault) -> JSONObject {
        if let end { throw end }
        lastRequest += 1
        let id = "r\(lastRequest)"
        var message = fields
        message["type"] = .string(type)
        message["request_id"] = .string(id)
        let bytes = JSONValue.object(message).encoded()
        let answer = await withCheckedContinuation { continuation in
            waiting[id] = continuation
            timers[id] = loop.schedule(after: settings.requestTimeout) { self.assumeIsolated { $0.expire(id) } }
            socket?.send(.text, bytes)
        }
        return try answer.get()
    }

    /// Sends a message that has no reply.
    package func send(_ message: JSONObject) { socket?.send(.text, JSONValue.object(message).encoded()) }

    package func close() { socket?.close() }

    private func expire(_ id: String) {
        timers[id] = nil
        waiting.removeValue(forKey: id)?.resume(returning: .failure(.timedOut))
    }
}

// MARK: - What comes in

extension RoomConnection {
    private func heard(_ event: ClientSocket.Event) {
        switch event {
        case .opened:
            socket?.send(.text, JSONValue.object(settings.registration).encoded())
        case .text(let bytes):
            guard let message = try? JSONValue.parse(bytes, maxDepth: 128).objectValue else { return }
            take(message)
        case .ended(let fault):
            finish(fault)
        }
    }

    private func take(_ message: JSONObject) {
        let type = message["type"]?.stringValue
        if let id = message["request_id"]?.stringValue, let asker = waiting.removeValue(forKey: id) {
            timers.removeValue(forKey: id)?.cancel()
            return asker.resume(returning: type == "error" ? .failure(ClientFault(error: message)) : .success(message))
        }
        guard let registering, type == "registered_auth" || type == "error" else {
            messageSink.yield(message)
            return
        }
        self.registering = nil
        registering.resume(returning: type == "error" ? .failure(ClientFault(error: message)) : .success(message))
        if type == "error" { close() }
    }

    private func finish(_ fault: ClientFault) {
        end = fault
        socket = nil
        registering?.resume(returning: .failure(fault))
        registering = nil
        for timer in timers.values { timer.cancel() }
        timers = [:]
        for asker in waiting.values { asker.resume(returning: .failure(fault)) }
        waiting = [:]
        messageSink.finish()
    }
}

extension ClientFault {
    init(error message: JSONObject) {
        self = .refused(
            code: message["code"]?.stringValue ?? "", message: message["message"]?.stringValue ?? "",
            retryable: message["retryable"]?.boolValue ?? false, fields: message)
    }
}
