import RoomStorage

/// Hand-overs in Redis, which ends their terms itself; they share the connection of the live rooms.
package struct RedisHandovers: HandoverStore {
    private let rooms: RedisLiveRooms

    package init(sharing rooms: RedisLiveRooms) { self.rooms = rooms }

    package func put(_ bytes: [UInt8], at key: HandoverKey, for term: Duration) async throws(StoreError) {
        _ = try await write(Self.set(bytes, at: rooms.keys.value(key), for: term))
    }

    package func putIfAbsent(
        _ bytes: [UInt8], at key: HandoverKey, for term: Duration
    ) async throws(StoreError) -> Bool {
        var command = Self.set(bytes, at: rooms.keys.value(key), for: term)
        command.add("NX")
        return try await write(command) != .null
    }

    package func load(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        try await read(RedisCommand("GET", rooms.keys.value(key))).bytesValue
    }

    package func take(_ key: HandoverKey) async throws(StoreError) -> [UInt8]? {
        try await write(RedisCommand("GETDEL", rooms.keys.value(key))).bytesValue
    }

    package func append(
        _ item: [UInt8], to key: HandoverKey, limit: Int, for term: Duration
    ) async throws(StoreError) -> Int {
        var command = await rooms.call(of: .append, keys: [rooms.keys.buffer(key)])
        command.add(item)
        command.add(max(1, limit))
        command.add(term.wholeMilliseconds)
        guard let number = try await write(command).integerValue else {
            throw .corrupt("Redis answers no number to an append")
        }
        return number
    }

    package func items(
        of key: HandoverKey, after number: Int, limit: Int
    ) async throws(StoreError) -> [HandoverItem] {
        let command = RedisCommand(
            "XRANGE", rooms.keys.buffer(key), "(\(max(0, number))-0", "+", "COUNT", String(max(0, limit)))
        return try await read(command).arrayValue?.compactMap(Self.item) ?? []
    }

    private static func set(_ bytes: [UInt8], at key: String, for term: Duration) -> RedisCommand {
        var command = RedisCommand("SET", key)
        command.add(bytes)
        command.add("PX")
        command.add(term.wholeMilliseconds)
        return command
    }

    /// An entry of the stream: `["7-0", ["i", item]]`.
    private static func item(_ entry: RedisReply) -> HandoverItem? {
        guard let parts = entry.arrayValue, parts.count == 2, let fields = parts[1].arrayValue, fields.count == 2,
            let number = parts[0].textValue.flatMap({ Int($0.prefix { $0 != "-" }) }), let bytes = fields[1].bytesValue
        else { return nil }
        return HandoverItem(number: number, bytes: bytes)
    }
}

// MARK: - Faults

extension RedisHandovers {
    private func read(_ command: RedisCommand) async throws(StoreError) -> RedisReply {
        switch await rooms.ask(command) {
        case .success(let reply): return reply
        case .failure(.closed): throw .closed
        case .failure(let fault): throw .unavailable(fault.description)
        }
    }

    /// A write whose reply was lost may have been done.
    private func write(_ command: RedisCommand) async throws(StoreError) -> RedisReply {
        let isReachable = await rooms.isConnected
        switch await rooms.ask(command) {
        case .success(let reply): return reply
        case .failure(.closed): throw .closed
        case .failure(let fault):
            switch fault {
            case .lost where isReachable, .silent where isReachable, .unreadable where isReachable:
                throw .outcomeUnknown(fault.description)
            default: throw .unavailable(fault.description)
            }
        }
    }
}
