/// Pauses before repeats: chosen evenly from zero to a bound that doubles ("full jitter",
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), so callers who failed together do not
/// come back together.
struct RetryPauses: Sendable {
    static let first = Duration.milliseconds(100)
    static let longest = Duration.seconds(5)
    static let attemptLimit = 8

    private let end: ContinuousClock.Instant
    private(set) var attempts = 0

    init(patience: Duration) { end = ContinuousClock.now + patience }

    /// The pause before the next attempt; nil when it would begin too late, or was the last.
    mutating func next(jitter: Double) -> Duration? {
        attempts += 1
        guard attempts < Self.attemptLimit else { return nil }
        let bound = min(Self.longest, Self.first * (1 << (attempts - 1)))
        let pause = bound * min(1, max(0, jitter))
        return ContinuousClock.now + pause < end ? pause : nil
    }
}
