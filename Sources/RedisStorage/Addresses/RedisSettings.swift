/// Limits of the connections to Redis.
package struct RedisSettings: Sendable {
    /// From the name's lookup to the end of the TLS handshake.
    package var connectLimit: Duration = .seconds(2)
    /// How long a server may say nothing while something is unanswered.
    package var silenceLimit: Duration = .seconds(2)
    /// A connection that is idle is asked for a sign of life this often.
    package var pingInterval: Duration = .seconds(1)
    package var shortestPause: Duration = .milliseconds(50)
    package var longestPause: Duration = .seconds(1)
    /// Bytes of commands that may be unanswered on one connection.
    package var unansweredBytes = 64 << 20
    /// Bytes of one reply.
    package var replyBytes = 256 << 20
    /// Live manifests nobody touches are dropped after so long.
    package var manifestTerm: Duration = .seconds(7 * 24 * 3600)
    /// Changes kept of each room.
    package var keptChanges = 256

    package init() {}
}
