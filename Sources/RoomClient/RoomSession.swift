import EventLoops
import JSONWire

/// A client of one room that outlives its sockets: it connects again, and repeats what was not answered.
package actor RoomSession {
    package nonisolated let settings: ClientSettings
    private nonisolated let loop: EventLoop
    private var connection: RoomConnection?
    private var connecting: Task<RoomConnection, any Error>?
    private var isWatching = false

    package init(_ settings: ClientSettings, on loop: EventLoop) {
        self.settings = settings
        self.loop = loop
    }

    /// The open connection, or a new one; waits and tries again while what is in the way may pass.
    package func connected() async throws(ClientFault) -> RoomConnection {
        if let connection, await connection.end == nil { return connection }
        let task: Task<RoomConnection, any Error>
        if let connecting {
            task = connecting
        } else {
            task = Task { try await self.connect() }
            connecting = task
        }
        do {
            return try await task.value
        } catch let fault as ClientFault {
            throw fault
        } catch {
            throw .cannotConnect("\(error)")
        }
    }

    private func connect() async throws -> RoomConnection {
        defer { connecting = nil }
        var backoff = settings.backoff
        while true {
            do throws(ClientFault) {
                let opened = try await RoomConnection.open(settings, on: loop)
                connection = opened
                return opened
            } catch {
                guard error.isPassing else { throw error }
            }
            try await Task.sleep(for: backoff.next())
        }
    }

    package func close() async {
        connecting?.cancel()
        await connection?.close()
    }

    /// A read: asked again on a new connection when the old one ended first.
    package func ask(_ type: String, _ fields: JSONObject) async throws(ClientFault) -> JSONObject {
        try await repeating(type, fields)
    }

    /// A write, repeated with one idempotency key until it is answered: it is made once, however often it is sent.
    package func write(
        _ type: String, _ fields: JSONObject, idempotencyKey: String? = nil
    ) async throws(ClientFault) -> JSONObject {
        var fields = fields
        fields["idempotency_key"] = .string(idempotencyKey ?? Self.freshKey())
        return try await repeating(type, fields)
    }

    private func repeating(_ type: String, _ fields: JSONObject) async throws(ClientFault) -> JSONObject {
        let deadline = ContinuousClock.now + settings.writeDeadline
        var backoff = settings.backoff
        while true {
            do throws(ClientFault) {
                return try await connected().request(type, fields)
            } catch {
                guard error.isPassing, ContinuousClock.now < deadline else { throw error }
            }
            do { try await Task.sleep(for: backoff.next()) } catch { throw .timedOut }
        }
    }

    private static func freshKey() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

// MARK: - The registry's requests

extension RoomSession {
    package func publish(
        _ model: JSONObject, alias: String? = nil, options: JSONObject = [:], idempotencyKey: String? = nil
    ) async throws(ClientFault) -> JSONObject {
        var fields = options
        fields["model"] = .object(model)
        if let alias { fields["alias"] = .string(alias) }
        return try await write("registry_publish", fields, idempotencyKey: idempotencyKey)
    }

    package func query(_ command: String, _ fields: JSONObject = [:]) async throws(ClientFault) -> JSONObject {
        var fields = fields
        fields["command"] = .string(command)
        return try await ask("registry_query", fields)
    }

    /// Every model that matches, page by page.
    package func models(filters: JSONObject = [:], sort: String? = nil) async throws(ClientFault) -> [JSONObject] {
        var models: [JSONObject] = []
        var fields: JSONObject = ["filters": .object(filters), "limit": 500]
        if let sort { fields["sort"] = .string(sort) }
        while true {
            let page = try await query("list_models", fields)
            models += page["models"]?.arrayValue?.compactMap(\.objectValue) ?? []
            guard let cursor = page["next_cursor"]?.stringValue else { return models }
            fields["cursor"] = .string(cursor)
        }
    }

    /// Changes from after `position` on, or a snapshot and then changes, over any number of reconnects. One at a time.
    package func watch(
        from position: WatchPosition? = nil, filters: JSONObject = [:], presence: Bool = false
    ) throws(ClientFault) -> AsyncThrowingStream<WatchEvent, any Error> {
        guard !isWatching else { throw .alreadyWatching }
        isWatching = true
        let (stream, sink) = AsyncThrowingStream.makeStream(of: WatchEvent.self)
        let watching = Task {
            do {
                var watcher = Watcher(position: position, filters: filters, presence: presence)
                while !Task.isCancelled { try await watcher.follow(try await connected()) { sink.yield($0) } }
                sink.finish()
            } catch {
                sink.finish(throwing: error)
            }
            isWatching = false
        }
        sink.onTermination = { _ in watching.cancel() }
        return stream
    }
}
