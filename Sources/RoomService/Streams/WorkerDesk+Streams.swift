import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// Streams over HTTP: who may read and who may write.
extension WorkerDesk {
    /// Keeps an event. To a job's stream only the worker that has the job may write, and to a worker's that worker alone.
    package func publish(
        _ event: JSONObject, to channel: StreamChannel, in room: RoomID?, by caller: Caller
    ) async throws {
        let writer: StreamWriter
        let home: RoomID
        switch channel {
        case .worker(let peer): (home, writer) = try await self.writer(to: peer, in: room, by: caller)
        case .job(let job): (home, writer) = try await self.writer(to: job, by: caller)
        }
        do throws(StreamRefusal) {
            try await streams.keep(JSONValue.object(event).encoded(), to: channel, in: home, by: writer)
        } catch {
            throw RelayRefusal(error)
        }
    }

    private func writer(
        to peer: PeerID, in room: RoomID?, by caller: Caller
    ) async throws -> (RoomID, StreamWriter) {
        guard let home = try await home(room, of: .worker(peer), caller) else {
            throw RelayRefusal.invalid("room_id: is required for a stream that nobody wrote to")
        }
        guard let role = try await accounts.role(of: caller, in: home), Permissions().allow(.tellStreams, to: role)
        else {
            throw RelayRefusal.noMember
        }
        guard let place = try await directory.room(home)?.worker(peer) else { throw RelayRefusal.absent(peer) }
        guard place.writer.owner == caller.principal else { throw RelayRefusal(.notYours) }
        return (home, place.writer)
    }

    private func writer(to job: JobID, by caller: Caller) async throws -> (RoomID, StreamWriter) {
        guard let name = try await name(of: .job(job)), let worker = name.worker else {
            throw RelayRefusal.notFound("Job not found")
        }
        guard try await accounts.role(of: caller, in: name.room) != nil else { throw RelayRefusal.noMember }
        guard worker.owner == caller.principal else { throw RelayRefusal(.notYours) }
        return (name.room, worker)
    }

    /// A reader. Who shows a credential is held to it; who shows none reads by the stream's name alone, since browsers'
    /// `EventSource` cannot send one.
    package func read(
        _ channel: StreamChannel, in room: RoomID?, after place: StreamPlace?, bearer: String?
    ) async throws -> StreamReader {
        var home: RoomID?
        if bearer != nil {
            let caller = try await caller(bearer: bearer)
            home = try await self.home(room, of: channel, caller)
            guard let home else {
                throw RelayRefusal.invalid("room_id: is required with a credential, for a stream that nobody wrote to")
            }
            guard try await accounts.role(of: caller, in: home) != nil else { throw RelayRefusal.noMember }
            if let name = try await name(of: channel), name.room != home { throw RelayRefusal.noMember }
        }
        do throws(StreamRefusal) {
            return try streams.read(channel, in: home, after: place)
        } catch {
            throw RelayRefusal(error)
        }
    }

    /// The room that a request is about: a token's own, the one it names, or the one that has the stream.
    private func home(_ room: RoomID?, of channel: StreamChannel, _ caller: Caller) async throws -> RoomID? {
        if case .worker(let token) = caller { return token.room }
        if let room { return room }
        return try await name(of: channel)?.room
    }

    private func name(of channel: StreamChannel) async throws -> StreamName? {
        do throws(StoreError) { return try await streams.name(of: channel) } catch { throw RelayRefusal.storeAway }
    }
}
