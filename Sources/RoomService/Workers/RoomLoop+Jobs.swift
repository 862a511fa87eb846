import JSONWire
import RoomCore
import RoomStorage
import WireMessages

/// Jobs that come over HTTP, for workers that may be kept for somebody.
extension RoomLoop {
    /// What keeps a worker from a job of this giver. A reservation belongs to whoever owns the peer that holds it.
    func reservation(of worker: PeerID, against giver: String) -> Reservation? {
        let standing =
            if let session = peers.find(worker) { session.reservation } else { remotes.find(worker)?.card.reservation }
        guard let standing, standing.until > now, owner(of: standing.holder) != giver else { return nil }
        return standing
    }

    private func owner(of peer: PeerID) -> String? {
        peers.find(peer)?.identity.principal ?? remotes.find(peer)?.present.owner
    }

    /// Hands a job to a worker, looking once more whether it is kept: by now it may be.
    func give(_ order: JobOrder, to worker: WorkerPlace) async throws {
        let peer = worker.writer.peer
        if let kept = reservation(of: peer, against: order.giver) { throw RelayRefusal.kept(peer, kept) }
        let frame =
            switch worker {
            case .here: order.frame
            case .elsewhere: order.encoded
            }
        guard await send(frame, to: worker) else { throw RelayRefusal.absent(peer) }
    }

    /// A job from another server. Whoever gave it was answered already, and reads of a refusal in the job's stream.
    func obey(_ order: JobOrder, for worker: Session) {
        guard let kept = reservation(of: worker.peer, against: order.giver) else {
            offer(order.frame, to: worker)
            return counters.framesRelayed.count()
        }
        guard let job = order.frame.withUnsafeBytes(Self.job) else { return }
        dependencies.streams.publish(
            WorkerOrder.rejected(job, because: kept.words(of: worker.peer)), to: .job(job), in: room,
            by: StreamWriter(peer: worker.peer, owner: worker.identity.principal))
    }

    private static func job(of frame: UnsafeRawBufferPointer) -> JobID? {
        (try? Envelope(frame))?.jobID.flatMap { JSONScanner.string($0, in: frame) }.flatMap(JobID.init)
    }
}

extension Reservation {
    /// Why a worker takes no job, and what to do.
    fileprivate func words(of worker: PeerID) -> String {
        "Worker \(worker) is reserved for \(holder) until \(until); wait until then, or choose another worker"
    }
}

extension RelayRefusal {
    static func kept(_ worker: PeerID, _ reservation: Reservation) -> RelayRefusal {
        .conflict(reservation.words(of: worker))
    }
}
