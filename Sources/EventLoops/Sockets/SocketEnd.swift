/// Why a socket ended; told once.
package enum SocketEnd: Equatable, Sendable {
    /// The peer finished sending, and everything it sent has been delivered.
    case peerClosed
    /// The connection was reset.
    case reset
    /// The kernel reported another errno: no route, refused, …
    case error(Int32)
    /// We closed it, or its loop was stopped.
    case closedHere
    /// It could not connect, or not send its last bytes, in time.
    case timedOut
}
