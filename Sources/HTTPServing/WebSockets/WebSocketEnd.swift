import EventLoops
import WebSocketWire

/// How a WebSocket ended; told once.
package enum WebSocketEnd: Equatable, Sendable {
    /// The peer began the closing; 1005 stands for a close frame without a code.
    case closedByPeer(CloseCode, reason: String)
    /// We began it. Unanswered means that the peer's close frame did not come in time, or never could.
    case closedHere(CloseCode, answered: Bool)
    /// The peer broke the protocol.
    case failed(WebSocketFault)
    /// No byte came in the time after a ping.
    case silent
    /// The connection ended without any close frame.
    case lost(SocketEnd)
}
