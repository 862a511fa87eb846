import HTTPWire

/// Bounds and terms of one connection.
package struct ServingLimits: Sendable {
    package var http = HTTPLimits()
    /// Nesting of a JSON body.
    package var jsonDepth = 64
    package var headTimeout = Duration.seconds(10)
    /// Between two pieces of a body.
    package var bodyTimeout = Duration.seconds(30)
    package var keepAliveIdle = Duration.seconds(75)
    /// Bytes of pipelined requests held while one is answered.
    package var pipelineBytes = 64 * 1024
    /// A streamed response waits while more than this is unsent.
    package var outputBytes = 256 * 1024
    package var webSocketMessageBytes = 1 << 20
    package var pingInterval = Duration.seconds(20)
    package var pongTimeout = Duration.seconds(20)
    package var closeTimeout = Duration.seconds(5)

    package init() {}
}
