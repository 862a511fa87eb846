import RoomCore
import RoomStorage
import WireMessages

/// Whose a stream is: of one room, and the stream of a job of one worker in it.
extension EventStreams {
    func name(of channel: StreamChannel) async throws(StoreError) -> StreamName? {
        try await handovers.load(StreamName.key(of: channel)).flatMap(StreamName.init)
    }

    /// The stream for one of its writers; the first to come makes it.
    @discardableResult
    package func open(
        _ channel: StreamChannel, in room: RoomID, for writer: StreamWriter
    ) async throws(StreamRefusal) -> StreamName {
        let found: StreamName?
        do throws(StoreError) {
            if let standing = try await name(of: channel) {
                found = standing
            } else {
                found = try await make(channel, in: room, for: writer)
            }
        } catch {
            throw refusal(error, of: channel)
        }
        guard let found else { throw .full }
        guard found.room == room, found.worker.map({ $0 == writer }) ?? true else { throw .notYours }
        return found
    }

    /// Nil when the room has opened enough of them.
    private func make(
        _ channel: StreamChannel, in room: RoomID, for writer: StreamWriter
    ) async throws(StoreError) -> StreamName? {
        guard takeOpening(of: room) else { return nil }
        let writer: StreamWriter? = if case .job = channel { writer } else { nil }
        let name = try StreamName(room: room, worker: writer, at: clock())
        let isOurs = try await handovers.putIfAbsent(
            name.encoded, at: StreamName.key(of: channel), for: .seconds(settings.nameSeconds))
        return isOurs ? name : try await self.name(of: channel)
    }

    /// Forgets a job that came to nothing.
    func forget(_ job: JobID) async {
        _ = try? await handovers.take(StreamName.key(of: .job(job)))
    }

    private func takeOpening(of room: RoomID) -> Bool {
        let now = clock()
        return state.withLock { state in
            if now >= state.openingsSince.advanced(bySeconds: 3600) {
                state.openings = [:]
                state.openingsSince = now
            }
            guard state.openings[room, default: 0] < settings.openingsPerHour else { return false }
            state.openings[room, default: 0] += 1
            return true
        }
    }

    func refusal(_ error: StoreError, of channel: StreamChannel) -> StreamRefusal {
        logger.debug("streams cannot be kept", metadata: ["stream": "\(channel)", "cause": "\(error)"])
        return .unavailable
    }
}
