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
        let elapsed = min(max(0, now.microseconds - filledAt.microseconds), Self.unit)
        filledAt = now
        tokens = min(Int64(perSecond) * Self.unit, tokens + elapsed * Int64(perSecond))
        guard tokens < Self.unit else {
            tokens -= Self.unit
            return nil
        }
        return max(1, Int((Self.unit - tokens) / (Int64(perSecond) * 1000)))
    }
}
