import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// What workers tell the streams, and what clients tell workers over HTTP.
extension RoomLoop {
    /// A frame for the stream of the worker it came from, or of the job it names. Nobody is answered.
    func publish(_ envelope: Envelope, _ bytes: UnsafeRawBufferPointer, from session: Session) {
        guard session.role == .worker else {
            return drop(.forbidden("Only workers tell streams of themselves and their jobs"), of: session)
        }
        do throws(Refusal) {
            try Permissions().check(.tellStreams, for: session.actor)
        } catch {
            return drop(error, of: session)
        }
        guard let channel = channel(of: envelope, bytes, for: session) else {
            return drop(.invalid("job_id is required: \(JobID.rule)"), of: session)
        }
        defer { slowDown(session) }
        dependencies.streams.publish(
            Array(bytes), to: channel, in: room,
            by: StreamWriter(peer: session.peer, owner: session.identity.principal))
    }

    private func drop(_ refusal: Refusal, of session: Session) {
        counters.eventsDropped.count()
        refuse(ErrorMessage(refusal), to: session, requestID: nil)
    }

    /// Whoever tells more than its rate is heard later, and nothing is lost: nobody could say again how a job ended.
    private func slowDown(_ session: Session) {
        guard session.bucket.borrow(at: now) != nil, !session.isSlowedDown else { return }
        session.isSlowedDown = true
        pause(session)
        let id = session.id
        Task {
            while let wait = peers[id]?.bucket.debt(at: now) { try? await Task.sleep(for: .milliseconds(wait)) }
            guard let session = peers[id] else { return }
            session.isSlowedDown = false
            resumeIfQuiet(session)
        }
    }

    private func channel(
        of envelope: Envelope, _ bytes: UnsafeRawBufferPointer, for session: Session
    ) -> StreamChannel? {
        let job = envelope.jobID.flatMap { JSONScanner.string($0, in: bytes) }
        switch envelope.type {
        case .jobStatus, .jobProgress: return job.flatMap(JobID.init).map(StreamChannel.job)
        case .encryptedRelay:
            guard let job else { return .worker(session.peer) }
            return JobID(job).map(StreamChannel.job)
        default: return .worker(session.peer)
        }
    }
}

// MARK: - To workers

/// Where a worker is.
package enum WorkerPlace: Sendable {
    case here(SessionID, StreamWriter)
    case elsewhere(PresentPeer)

    package var writer: StreamWriter {
        switch self {
        case .here(_, let writer): writer
        case .elsewhere(let peer): StreamWriter(peer: peer.peer, owner: peer.owner)
        }
    }
}

extension RoomLoop {
    /// Whether anybody is in the room, on any server.
    package var isAnyoneHere: Bool { !peers.isEmpty || !remotes.all.isEmpty }

    /// The worker under a peer id; peers that are no workers expect no frames that they did not ask for.
    package func worker(_ peer: PeerID) -> WorkerPlace? {
        if let session = peers.find(peer) {
            guard session.role == .worker else { return nil }
            return .here(session.id, StreamWriter(peer: peer, owner: session.identity.principal))
        }
        guard let remote = remotes.find(peer), remote.present.role == .worker else { return nil }
        return .elsewhere(remote.present)
    }

    /// Hands a frame to a worker; false when it has gone, or its server cannot be reached.
    package func send(_ frame: [UInt8], to worker: WorkerPlace) async -> Bool {
        switch worker {
        case .here(let id, _):
            guard let session = peers[id] else { return false }
            offer(frame, to: session)
            counters.framesRelayed.count()
            return peers[id] != nil
        case .elsewhere(let peer):
            counters.framesRouted.count()
            let routed = RoutedFrame(
                server: peer.server, room: room, peer: peer.peer, session: peer.session, text: frame)
            return await withCheckedContinuation { continuation in
                dependencies.live.route(routed) { continuation.resume(returning: $0) }
            }
        }
    }
}
