import RoomCore
import RoomStorage

extension RedisLiveRooms: LiveRooms {
    package func listen(
        as server: ServerID, hear: @escaping @Sendable (LiveNews) -> Void
    ) async -> LiveListener {
        let hearing = Hearing(hear)
        listeners[server] = hearing
        await subscribe([keys.server(server), keys.all])
        return LiveListener { [weak self] in
            hearing.isCancelled.store(true, ordering: .releasing)
            self?.perform { $0.stopListening(as: server, hearing) }
        }
    }

    private func stopListening(as server: ServerID, _ hearing: Hearing) {
        guard listeners[server] === hearing else { return }
        listeners[server] = nil
        unsubscribe([keys.server(server)])
        for room in follows.keys { stopFollowing(room, as: server) }
    }

    package func follow(_ room: RoomID, as server: ServerID) async {
        follows[room, default: []].insert(server)
        // Also when another server of this program follows it: that subscription may still be on its way.
        await subscribe([keys.news(room)])
    }

    package nonisolated func unfollow(_ room: RoomID, as server: ServerID) {
        perform { $0.stopFollowing(room, as: server) }
    }

    private func stopFollowing(_ room: RoomID, as server: ServerID) {
        guard follows[room]?.remove(server) != nil, follows[room]?.isEmpty == true else { return }
        follows[room] = nil
        unsubscribe([keys.news(room)])
    }

    package nonisolated func route(_ frame: RoutedFrame, answer: @escaping @Sendable (Bool) -> Void) {
        perform { rooms in
            var command = RedisCommand("PUBLISH", rooms.keys.server(frame.server))
            command.add { Envelope.seal(frame, in: &$0) }
            rooms.issue(command) { rooms, result in
                guard case .success(.integer(let receivers)) = result, receivers > 0 else { return answer(false) }
                rooms.tally.withLock { $0.framesRouted += 1 }
                answer(true)
            }
        }
    }

    package nonisolated func broadcast(_ order: [UInt8], from server: ServerID) {
        perform { rooms in
            var command = RedisCommand("PUBLISH", rooms.keys.all)
            command.add { Envelope.seal(order, from: server, in: &$0) }
            rooms.issue(command)
        }
    }
}

// MARK: - Subscriptions

extension RedisLiveRooms {
    private static let channelsAtOnce = 500

    /// Makes every subscription on a new connection; those asked for meanwhile are made on it as well.
    func subscribeAll(on connection: RedisConnection) async throws(RedisFault) {
        hear(from: connection)
        let channels = [keys.all] + listeners.keys.map(keys.server) + follows.keys.map(keys.news)
        for start in stride(from: Self.channelsAtOnce, to: channels.count, by: Self.channelsAtOnce) {
            let some = channels[start..<min(start + Self.channelsAtOnce, channels.count)]
            send("SUBSCRIBE", some, on: connection) { [weak connection] result in
                guard case .success(.error(let text)) = result else { return }
                connection?.assumeIsolated { $0.finish(RedisFault(reply: text)) }
            }
        }
        let result = await withCheckedContinuation { continuation in
            send("SUBSCRIBE", channels.prefix(Self.channelsAtOnce), on: connection) { continuation.resume(returning: $0) }
        }
        _ = try result.get().checked()
    }

    private func hear(from connection: RedisConnection) {
        hearingConnection = connection
        let hear: @Sendable ([UInt8], [UInt8]) -> Void = { [weak self] channel, payload in
            self?.assumeIsolated { $0.hear(payload, on: channel) }
        }
        connection.assumeIsolated { $0.hearMessages(hear) }
    }

    /// Returns when the subscriptions stand, or at once when they will be made later.
    private func subscribe(_ channels: [String]) async {
        guard let connection = hearingConnection else { return }
        _ = await withCheckedContinuation { continuation in
            send("SUBSCRIBE", channels[...], on: connection) { continuation.resume(returning: $0) }
        }
    }

    private func unsubscribe(_ channels: [String]) {
        guard let connection = hearingConnection else { return }
        send("UNSUBSCRIBE", channels[...], on: connection) { _ in }
    }

    private func send(
        _ verb: String, _ channels: ArraySlice<String>, on connection: RedisConnection, answer: @escaping RedisAnswer
    ) {
        var command = RedisCommand(verb)
        for channel in channels { command.add(channel) }
        command.replies = channels.count
        tally.withLock { $0.commands += 1 }
        connection.assumeIsolated { [command] in $0.send(command, answer: answer) }
    }

    /// Anyone who may enter Redis may publish: what is not an envelope, or not on its channel, is passed over.
    private func hear(_ payload: [UInt8], on channel: [UInt8]) {
        guard let opened = Envelope.open(payload), isOn(channel, opened) else {
            return tally.withLock { $0.junkIgnored += 1 }
        }
        tally.withLock { $0.noticesHeard += 1 }
        switch opened.news {
        case .committed(let notice): tell(opened, about: notice.room)
        case .arrived(let peer), .left(let peer): tell(opened, about: peer.room)
        case .frame(let frame): listeners[frame.server]?.offer(opened.news)
        case .order:
            for (server, hearing) in listeners where server != opened.sender { hearing.offer(opened.news) }
        case .outOfStep, .interrupted: break
        }
    }

    private func isOn(_ channel: [UInt8], _ opened: Envelope.Opened) -> Bool {
        let expected =
            switch opened.news {
            case .committed(let notice): keys.news(notice.room)
            case .arrived(let peer), .left(let peer): keys.news(peer.room)
            case .frame(let frame): keys.server(frame.server)
            case .order: keys.all
            case .outOfStep, .interrupted: ""
            }
        return channel.elementsEqual(expected.utf8)
    }

    private func tell(_ opened: Envelope.Opened, about room: RoomID) {
        for server in follows[room] ?? [] where server != opened.sender { listeners[server]?.offer(opened.news) }
    }
}
