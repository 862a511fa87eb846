/// How long to wait before the next try: a random part of a span that doubles ("full jitter"), so that clients which
/// lost their server together do not come back together.
package struct Backoff: Sendable, Equatable {
    package var first = Duration.milliseconds(200)
    package var longest = Duration.seconds(30)
    private var tries = 0

    package init() {}

    /// The longest that the next wait can be.
    package var span: Duration { min(longest, first * (1 << min(tries, 16))) }

    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let wait = span * Double.random(in: 0...1, using: &generator)
        tries += 1
        return wait
    }

    package mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    package mutating func reset() { tries = 0 }
}
