import RoomStorage

/// Hand-overs in the Redis of the live rooms, on their connection.
package final class RedisHandovers: HandoverStore {
    private let rooms: RedisLiveRooms

    package init(in rooms: RedisLiveRooms) { self.rooms = rooms }

    /// The length keeps `a:b` `c` and `a` `b:c` apart; values and buffers have names of their own.
    private static func key(_ key: HandoverKey, of sort: String) -> String {
        "rooms:handover:\(sort):\(key.kind.utf8.count):\(key.kind):\(key.name)"
    }

    private func ask(_ command: RedisCommand) async throws(StoreError) -> RedisReply {
        let result: Result<RedisReply, RedisFault> = await withCheckedContinuation { continuation in
            rooms.engine.submit { engine in
                engine.commands.send(command) { result in continuation.resume(returning: result.map(RedisReply.init)) }
            }
        }
        do { return try result.get() } catch { throw StoreError(error) }
    }
}

// MARK: - Values

extension RedisHandovers {
    package func put(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError) {
        _ = try await set(bytes, at: key, for: term, more: [])
    }

    package func putIfAbsent(
        _ bytes: [UInt8], at key: HandoverKey, for term: Duration
    ) async throws(StoreError) -> Bool {
        try await set(bytes, at: key, for: term, more: ["NX"]) != .null
    }

    private func set(
        _ bytes: [UInt8], at key: HandoverKey, for term: Duration, more: [String]
    ) async throws(StoreError) -> RedisReply {
        let name = Self.key(key, of: "value")
        let words = [Array("SET".utf8), Array(name.utf8), bytes]
        let options = (["PX", term.wholeMilliseconds] + more).map { Array($0.utf8) }
        var command = RedisCommand(words: words + options, key: name)
        command.provesWriting = true
        return try await ask(command)
    }

    package func load(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        let name = Self.key(key, of: "value")
        return try await ask(RedisCommand("GET", name, key: name)).bytes
    }

    package func take(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        let name = Self.key(key, of: "value")
        return try await ask(RedisCommand("GETDEL", name, key: name)).bytes
    }
}

// MARK: - Buffers

extension RedisHandovers {
    package func append(
        _ item: [UInt8], to key: HandoverKey, limit: Int, for term: Duration
    ) async throws(StoreError) -> Int {
        let options = [String(max(1, limit)), term.wholeMilliseconds].map { Array($0.utf8) }
        var command = RedisCommand(
            LiveScripts.append, keys: [Self.key(key, of: "buffer")], arguments: [item] + options)
        command.provesWriting = true
        guard case .integer(let number) = try await ask(command) else {
            throw .corrupt("a hand-over buffer in Redis; delete the keys rooms:handover:*")
        }
        return number
    }

    package func items(
        of key: HandoverKey, after number: Int, limit: Int
    ) async throws(StoreError) -> [HandoverItem] {
        guard limit > 0 else { return [] }
        let name = Self.key(key, of: "buffer")
        let reply = try await ask(
            RedisCommand("XRANGE", name, "\(max(0, number) + 1)-0", "+", "COUNT", String(limit), key: name))
        guard case .items(let items) = reply else {
            throw .corrupt("a hand-over buffer in Redis; delete the keys rooms:handover:*")
        }
        return items
    }
}

/// What a reply says of hand-overs.
private enum RedisReply: Equatable, Sendable {
    case null
    case integer(Int)
    case bytes([UInt8])
    case items([HandoverItem])
    case unknown

    init(_ value: RedisValue) {
        self =
            switch value {
            case .null: .null
            case .integer(let number): .integer(number)
            case .bytes(let bytes): .bytes(bytes)
            case .array(let entries): Self.items(in: entries).map { .items($0) } ?? .unknown
            case .error: .unknown
            }
    }

    /// Stream entries: `[["7-0", ["c", item]], …]`.
    private static func items(in entries: [RedisValue]) -> [HandoverItem]? {
        var items: [HandoverItem] = []
        for entry in entries {
            guard let parts = entry.array, parts.count == 2, let id = parts[0].text?.split(separator: "-").first,
                let number = Int(id), let bytes = parts[1].array?.last?.bytes
            else { return nil }
            items.append(HandoverItem(number: number, bytes: bytes))
        }
        return items
    }

    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
}
