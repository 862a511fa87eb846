import RoomCore
import RoomStorage
import WireMessages

/// Whose a stream is: of one room, and the stream of a job of one worker in it.
///
/// A worker's stream bears a name that every room may give. It stays with the room that wrote to it first while that has
/// a worker of this name; after that, the next room whose worker writes to it has it.
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
                let isFree = try await isForsaken(standing, of: channel, by: room)
                found = isFree ? try await make(channel, in: room, for: writer, insteadOf: standing) : standing
            } else {
                found = try await make(channel, in: room, for: writer)
            }
        } catch {
            throw refusal(error, of: channel)
        }
        guard let found else { throw .full }
        guard found.belongs(to: room, writer) else { throw .notYours }
        return found
    }

    /// Whether the stream is that of a worker in another room, which is not there any more.
    private func isForsaken(
        _ name: StreamName, of channel: StreamChannel, by room: RoomID
    ) async throws(StoreError) -> Bool {
        guard case .worker(let peer) = channel, name.room != room else { return false }
        guard let present = await live.presence(in: name.room) else {
            throw .unavailable("who is in room \(name.room) cannot be known now")
        }
        return !present.contains { $0.peer == peer && $0.role == .worker }
    }

    /// Nil when the room has opened enough of them.
    private func make(
        _ channel: StreamChannel, in room: RoomID, for writer: StreamWriter, insteadOf former: StreamName? = nil
    ) async throws(StoreError) -> StreamName? {
        guard takeOpening(of: room) else { return nil }
        if former != nil { _ = try await handovers.take(StreamName.key(of: channel)) }
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
