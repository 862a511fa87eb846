import RoomCore

/// Allows a number of requests a second, with bursts of one second's worth.
struct TokenBucket {
    private let perSecond: Int
    private var tokens: Int64
    private var filledAt: Timestamp
    private static let unit: Int64 = 1_000_000

    init(perSecond: Int, at now: Timestamp) {
        self.perSecond = perSecond
        tokens = Int64(perSecond) * Self.unit
        filledAt = now
    }

    /// Nil when the request is allowed, else the milliseconds to wait.
    mutating func take(at now: Timestamp) -> Int? {
        fill(at: now)
        guard tokens < Self.unit else {
            tokens -= Self.unit
            return nil
        }
        return wait(for: Self.unit)
    }

    /// Takes what is yet to come where nothing is left; nil, or the milliseconds until that is made good.
    mutating func borrow(at now: Timestamp) -> Int? {
        fill(at: now)
        tokens -= Self.unit
        return tokens < 0 ? wait(for: 0) : nil
    }

    /// The milliseconds until everything that was borrowed is made good; nil when nothing is owed.
    mutating func debt(at now: Timestamp) -> Int? {
        fill(at: now)
        return tokens < 0 ? wait(for: 0) : nil
    }

    private mutating func fill(at now: Timestamp) {
        let most = Int64(perSecond) * Self.unit
        // Past this the bucket is full, whatever it owed.
        let longest = (most - tokens) / Int64(perSecond) + 1
        let elapsed = min(max(0, now.microseconds - filledAt.microseconds), longest)
        filledAt = now
        tokens = min(most, tokens + elapsed * Int64(perSecond))
    }

    private func wait(for amount: Int64) -> Int { max(1, Int((amount - tokens) / (Int64(perSecond) * 1000))) }
}
