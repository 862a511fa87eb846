/// When to ping, and when to give up on a peer: nanoseconds of a clock that all loops share.
///
/// A ping leaves every interval, also while the peer talks, because some peers want to be sure of us. Any byte that
/// comes later than a ping answers it.
struct Heartbeat: Sendable, Equatable {
    enum Beat {
        case wait
        case ping
        case silent
    }

    var lastHeard: UInt64
    private var nextPing: UInt64
    /// When the oldest unanswered ping left.
    private var asked: UInt64?

    init(at now: UInt64, every interval: UInt64) {
        lastHeard = now
        nextPing = now + interval
    }

    func nextDue(patience: UInt64) -> UInt64 {
        asked.map { min(nextPing, $0 + patience) } ?? nextPing
    }

    mutating func beat(at now: UInt64, every interval: UInt64, patience: UInt64) -> Beat {
        if let asked {
            if lastHeard > asked {
                self.asked = nil
            } else if now >= asked + patience {
                return .silent
            }
        }
        guard now >= nextPing else { return .wait }
        nextPing = now + interval
        if asked == nil { asked = now }
        return .ping
    }

    /// Nobody listens for now: an answer would not be heard, so none is asked for.
    mutating func skip(at now: UInt64, every interval: UInt64) {
        asked = nil
        if now >= nextPing { nextPing = now + interval }
    }
}
