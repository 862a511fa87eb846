import Cryptography
import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// Takes what members ask of the workers of their rooms over HTTP, and hands it to them on whatever server they sit.
///
/// Nothing is kept for a worker that is away: whoever asks is told at once.
package struct WorkerDesk: Sendable {
    package let accounts: Accounts
    let directory: RoomDirectory
    let rates: RequestRates
    var streams: EventStreams { directory.dependencies.streams }
    var settings: ServiceSettings { directory.dependencies.settings }

    package init(accounts: Accounts, directory: RoomDirectory) {
        self.accounts = accounts
        self.directory = directory
        rates = RequestRates(perSecond: directory.dependencies.settings.workerRequestsPerSecond)
    }

    /// Who asks, if the credential proves somebody who does not ask too often.
    package func caller(bearer: String?) async throws -> Caller {
        guard let bearer, let caller = try await accounts.caller(bearer: bearer) else {
            throw RelayRefusal.unauthorized
        }
        if let wait = rates.take(caller.principal, at: directory.dependencies.clock()) { throw RelayRefusal.busy(wait) }
        return caller
    }

    /// The worker that a member means. Viewers use no workers, and tokens are workers themselves.
    func worker(_ errand: WorkerErrand, for caller: Caller) async throws -> (room: RoomLoop, place: WorkerPlace) {
        guard case .user = caller, let role = try await accounts.role(of: caller, in: errand.room),
            Permissions().allow(.useWorkers, to: role)
        else { throw RelayRefusal.noMember }
        guard let room = try await directory.room(errand.room), await room.isAnyoneHere else {
            throw RelayRefusal.noPeers
        }
        guard let place = await room.worker(errand.peer) else { throw RelayRefusal.absent(errand.peer) }
        return (room, place)
    }
}

/// Which worker of which room something is for.
package struct WorkerErrand: Sendable {
    package let room: RoomID
    package let peer: PeerID

    package init(_ reader: FieldReader) throws(FieldFault) {
        room = try reader.required("room_id", reader.name("room_id"))
        peer = try reader.required("peer_id", reader.name("peer_id"))
    }
}

extension RelayRefusal {
    static func absent(_ peer: PeerID) -> RelayRefusal { .notFound("Peer \(peer) not found or offline") }
}

// MARK: - Jobs and messages

extension WorkerDesk {
    /// Gives a worker a job. From then on only that worker may tell the job's stream of it.
    package func submit(_ config: JSONObject, to errand: WorkerErrand, by caller: Caller) async throws -> JobID {
        let (room, place) = try await freeWorker(errand, for: caller)
        let job = JobID(trusted: "job_" + (try SecureRandom.hex(bytes: 16)))
        let order = WorkerOrder.jobAssigned(job, config: config, by: caller.username)
        try check(order)
        do throws(StreamRefusal) {
            try await streams.open(.job(job), in: errand.room, for: place.writer)
            // Kept before the worker hears of the job, so that no word of the worker's comes first.
            try await streams.keep(
                WorkerOrder.submitted(job, to: errand.peer), to: .job(job), in: errand.room, by: place.writer)
        } catch {
            throw RelayRefusal(error)
        }
        do {
            try await room.give(JobOrder(by: caller.principal, order), to: place)
        } catch {
            await streams.forget(job)
            throw error
        }
        return job
    }

    /// Gives a worker a job that only the worker can read.
    package func submit(encrypted frame: [UInt8], to errand: WorkerErrand, by caller: Caller) async throws {
        try check(frame)
        let (room, place) = try await worker(errand, for: caller)
        try await room.give(JobOrder(by: caller.principal, frame), to: place)
    }

    /// The worker, if it is kept for nobody else.
    private func freeWorker(
        _ errand: WorkerErrand, for caller: Caller
    ) async throws -> (room: RoomLoop, place: WorkerPlace) {
        let (room, place) = try await worker(errand, for: caller)
        if let kept = await room.reservation(of: errand.peer, against: caller.principal) {
            throw RelayRefusal.kept(errand.peer, kept)
        }
        return (room, place)
    }

    /// Hands a frame to a worker.
    package func send(_ frame: [UInt8], to errand: WorkerErrand, by caller: Caller) async throws {
        try check(frame)
        let (room, place) = try await worker(errand, for: caller)
        guard await room.send(frame, to: place) else { throw RelayRefusal.absent(errand.peer) }
    }

    private func check(_ frame: [UInt8]) throws {
        let limit = settings.limits.messageBytes
        guard frame.count <= limit else {
            throw RelayRefusal.tooLarge("The message would have \(frame.count) bytes; a worker takes \(limit)")
        }
    }
}

extension Caller {
    fileprivate var username: String {
        switch self {
        case .user(let user): user.username
        case .worker(let token): token.worker.text
        }
    }
}
