import RoomCore

/// A stream of events by its name in addresses: `worker:<peer id>`, or a job id by itself.
///
/// A job id has no colon, so the two never meet.
package enum StreamChannel: Hashable, Sendable, CustomStringConvertible {
    case worker(PeerID)
    case job(JobID)

    package init?(_ name: String) {
        if name.hasPrefix("worker:") {
            guard let peer = PeerID(String(name.dropFirst(7))) else { return nil }
            self = .worker(peer)
        } else {
            guard let job = JobID(name) else { return nil }
            self = .job(job)
        }
    }

    package var name: String {
        switch self {
        case .worker(let peer): "worker:\(peer)"
        case .job(let job): job.text
        }
    }

    package var description: String { name }
}
