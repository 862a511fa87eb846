import RoomCore
import RoomStorage
import WireMessages

/// The pump of a stream: one at a time, it keeps what waits and reads what is new, in order.
extension EventStreams {
    func pump(_ channel: StreamChannel) async {
        while let events = takeWork(of: channel) {
            await keep(events, of: channel)
            await readOn(channel)
        }
    }

    /// What waits, so few at once that readers are served before the buffer lets go of them; nil when nothing is to be done, and the pump stands still from then on.
    private func takeWork(of channel: StreamChannel) -> [Waiting]? {
        state.withLock { state in
            guard var stream = state.streams[channel] else { return nil }
            guard !stream.waiting.isEmpty || stream.mustRead else {
                stream.isPumping = false
                if stream.readers.isEmpty { state.letGo(of: &stream) }
                state.streams[channel] = stream.readers.isEmpty ? nil : stream
                return nil
            }
            let events = Array(stream.waiting.prefix(settings.keptEvents / 4))
            stream.waiting.removeFirst(events.count)
            stream.mustRead = false
            state.streams[channel] = stream
            return events
        }
    }

    // MARK: Keeping

    private func keep(_ events: [Waiting], of channel: StreamChannel) async {
        guard !events.isEmpty else { return }
        // Whose the stream is, is asked once for all of them, and again after a failure.
        var name: StreamName?
        var isAnyKept = false
        for event in events {
            let result = await keepPatiently(event, of: channel, &name)
            if case .success = result { isAnyKept = true }
            state.withLock { state in
                state.waitingBytes -= event.text.count
                state.streams[channel]?.waitingBytes -= event.text.count
            }
            note(result, of: channel, in: event.room)
            event.answer?(result)
        }
        if isAnyKept { live.broadcast(StreamNote(channel).encoded, from: server) }
    }

    private func note(_ result: Result<Void, StreamRefusal>, of channel: StreamChannel, in room: RoomID) {
        switch result {
        case .success: counters.eventsPublished.count()
        case .failure(let refusal):
            counters.eventsDropped.count()
            logger.debug(
                "an event was not kept",
                metadata: ["stream": "\(channel)", "room": "\(room)", "cause": "\(refusal)"])
        }
    }

    /// Tries again while the store is away, unless somebody waits for the answer.
    private func keepPatiently(
        _ event: Waiting, of channel: StreamChannel, _ name: inout StreamName?
    ) async -> Result<Void, StreamRefusal> {
        while true {
            do throws(StreamRefusal) {
                name = try await keepOne(event, of: channel, as: name)
                return .success(())
            } catch {
                name = nil
                let end = event.at.advanced(bySeconds: settings.patienceSeconds)
                guard error == .unavailable, event.answer == nil, clock() < end,
                    (try? await Task.sleep(for: .milliseconds(500))) != nil
                else { return .failure(error) }
            }
        }
    }

    /// - Parameter known: what the stream was called a moment ago, where that is known.
    private func keepOne(
        _ event: Waiting, of channel: StreamChannel, as known: StreamName?
    ) async throws(StreamRefusal) -> StreamName {
        guard let stamped = StreamEvent.stamped(event.text, at: event.at) else { throw .notAnObject }
        var name: StreamName
        if let known, known.belongs(to: event.room, event.writer) {
            name = known
        } else {
            name = try await open(channel, in: event.room, for: event.writer)
        }
        do throws(StoreError) {
            let number = try await append(stamped, to: name)
            let age = clock().seconds - name.renewedAt.seconds
            // The buffer ended and began anew, so that its numbers would come a second time.
            let isAnew = number == 1 && age >= settings.bufferSeconds / 2
            guard isAnew || age >= settings.bufferSeconds / 4 else { return name }
            if isAnew { name.buffer = try StreamName.newBuffer() }
            name.renewedAt = clock()
            try await handovers.put(name.encoded, at: StreamName.key(of: channel), for: .seconds(settings.nameSeconds))
            if isAnew { _ = try await append(stamped, to: name) }
            return name
        } catch {
            throw refusal(error, of: channel)
        }
    }

    private func append(_ event: [UInt8], to name: StreamName) async throws(StoreError) -> Int {
        try await handovers.append(
            event, to: name.bufferKey, limit: settings.kept(after: event.count), for: .seconds(settings.bufferSeconds))
    }

    // MARK: Reading

    /// Holds what the buffer has beyond what is held, while somebody reads.
    private func readOn(_ channel: StreamChannel) async {
        guard state.withLock({ $0.streams[channel]?.readers.isEmpty == false }) else { return }
        do throws(StoreError) {
            guard let name = try await self.name(of: channel) else { return }
            var isMore = true
            while isMore {
                guard let newest = turnTo(name, of: channel) else { return }
                let items = try await handovers.items(of: name.bufferKey, after: newest, limit: 32)
                hold(items, of: name.buffer, channel)
                isMore = items.count == 32
            }
        } catch {
            // The next look, at latest with the next keepalive, makes it good.
            logger.debug("a stream could not be read", metadata: ["stream": "\(channel)", "cause": "\(error)"])
        }
    }

    /// The number of the newest event held; what another buffer held is let go of, and so is who may not read this one.
    /// Nil when the last reader left: nothing is held for nobody.
    private func turnTo(_ name: StreamName, of channel: StreamChannel) -> Int? {
        let (newest, readers) = state.withLock { state -> (Int?, [StreamReader]) in
            guard var stream = state.streams[channel], !stream.readers.isEmpty else { return (nil, []) }
            if stream.buffer != name.buffer {
                state.letGo(of: &stream)
                stream.buffer = name.buffer
                state.streams[channel] = stream
            }
            // All of them go out: letting go of a reader's last reference in here would wait for this lock for ever.
            return (stream.newest, stream.readers.values.compactMap(\.reader))
        }
        for reader in readers where reader.room.map({ $0 != name.room }) ?? false { reader.end() }
        return newest
    }

    private func hold(_ items: [HandoverItem], of buffer: String, _ channel: StreamChannel) {
        guard !items.isEmpty else { return }
        let readers = state.withLock { state -> [StreamReader] in
            guard var stream = state.streams[channel], stream.buffer == buffer, !stream.readers.isEmpty
            else { return [] }
            state.streams[channel] = nil
            for item in items where item.number > stream.newest {
                let lines = StreamEvent.lines(item.bytes, at: StreamPlace(buffer: buffer, number: item.number))
                stream.newest = item.number
                stream.held.append(Held(number: item.number, lines: lines))
                state.heldBytes += lines.count
                trim(&stream, to: settings.kept(after: item.bytes.count), &state)
            }
            state.streams[channel] = stream
            return stream.readers.values.compactMap(\.reader)
        }
        for reader in readers { reader.wake() }
    }

    private func trim(_ stream: inout Stream, to count: Int, _ state: inout State) {
        while stream.held.count > max(1, count) || (state.heldBytes > settings.heldBytes && stream.held.count > 1) {
            state.heldBytes -= stream.held.removeFirst().lines.count
        }
    }
}
