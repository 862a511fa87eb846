import EventLoops
import WebSocketWire

/// All of a WebSocket that is bound to no loop: this, and the socket, is what travels when it moves.
struct WebSocketLife: Sendable {
    /// Nil once it has been told the end.
    var handler: (any WebSocketHandler)?
    var decoder: FrameDecoder
    var handshake = CloseHandshake()
    /// With what we began the closing, and until when the peer may answer.
    var closing: (code: CloseCode, due: UInt64)?
    var kept = HeldInput()
    var isPaused = false
    var heartbeat: Heartbeat
    var lowWater: Int

    init(_ handler: any WebSocketHandler, _ limits: ServingLimits, lowWater: Int, at now: UInt64) {
        self.handler = handler
        decoder = FrameDecoder(role: .server, maxMessageBytes: limits.webSocketMessageBytes)
        heartbeat = Heartbeat(at: now, every: limits.pingInterval.wholeNanoseconds)
        self.lowWater = lowWater
    }

    /// All of it, leaving what a spent channel needs.
    mutating func take() -> WebSocketLife {
        let taken = self
        handler = nil
        decoder = FrameDecoder(role: .server, maxMessageBytes: 0)
        handshake.transportEnded()
        kept = HeldInput()
        return taken
    }
}
