import RoomCore

/// What comes in from outside: time, chance, and who is told.
package struct S3Surroundings: Sendable {
    package var clock: @Sendable () -> Timestamp
    /// From 0 to 1: how much of a pause before a repeat is taken.
    package var jitter: @Sendable () -> Double
    /// Names no other call uses.
    package var nonce: @Sendable () -> String
    package var events: @Sendable (S3Event) -> Void

    package init(
        clock: @escaping @Sendable () -> Timestamp,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        nonce: @escaping @Sendable () -> String = {
            String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
        },
        events: @escaping @Sendable (S3Event) -> Void = { _ in }
    ) {
        self.clock = clock
        self.jitter = jitter
        self.nonce = nonce
        self.events = events
    }
}
