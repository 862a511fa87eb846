import HTTPWire

/// How much a peer may ask of one connection, and how long it may take.
package struct ServingLimits: Sendable {
    /// Bodies have their own limit below; those that handlers read as they come have the handler's.
    package var http = HTTPLimits(maxBodyBytes: 1 << 50)
    /// A request body that is gathered whole before its handler runs.
    package var bodyBytes = 1 << 20
    /// From a head's first byte to its last.
    package var headTimeout = Duration.seconds(10)
    /// How long nothing may move: of a body on its way in, or of a response on its way out.
    package var bodyTimeout = Duration.seconds(30)
    /// From one response to the first byte of the next request.
    package var keepAliveIdle = Duration.seconds(75)
    package var webSocketMessageBytes = 1 << 20
    package var pingInterval = Duration.seconds(20)
    /// From a ping to any sign of life.
    package var pongTimeout = Duration.seconds(20)
    /// From our close frame to the peer's.
    package var closeTimeout = Duration.seconds(5)
    /// Open objects and arrays in a JSON body.
    package var jsonDepth = 64
    /// Input kept while a handler runs; what one read brings may come on top, then the peer has to wait.
    package var pipelineBytes = 16 << 10
    /// Unsent output from which on a streamed response, or the next pipelined request, has to wait.
    package var outputBytes = 256 << 10

    package init() {}
}
