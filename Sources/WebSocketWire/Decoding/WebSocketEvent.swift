/// Something whole that the peer said.
package enum WebSocketEvent: Equatable, Sendable {
    case message(kind: MessageKind, body: MessageBody)
    /// Its payload is to come back in a pong (RFC 6455 §5.5.2); at most 125 bytes.
    case ping([UInt8])
    case pong([UInt8])
    /// The last event there is. A nil code is a close frame without one.
    case close(CloseCode?, reason: String)
}

/// Whether a message is text, then valid UTF-8, or any bytes.
package enum MessageKind: UInt8, Sendable {
    case text
    case binary
}

/// Where the bytes of a message are.
package enum MessageBody: Equatable, Sendable {
    /// Unmasked in place, at these offsets of the input the decoder was given; good until the caller reuses it.
    case slice(Range<Int>)
    /// Put together from pieces; the decoder keeps no share in it.
    case assembled([UInt8])
}
