/// Which end of the connection we are; it decides who masks (RFC 6455 §5.1).
package enum WebSocketRole: UInt8, Sendable {
    case server
    case client

    /// Whether the frames that reach this end must be masked: a client masks every frame, a server none.
    package var receivesMasked: Bool { self == .server }
}
