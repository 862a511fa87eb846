/// What the connections to Redis did so far.
package struct RedisCounters: Sendable, Equatable {
    package var reconnects = 0
    package var commands = 0
    /// Envelopes from other servers.
    package var noticesHeard = 0
    package var framesRouted = 0
    /// Messages on our channels that none of our servers wrote.
    package var junkIgnored = 0
}
