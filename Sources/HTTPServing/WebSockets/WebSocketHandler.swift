import WebSocketWire

/// What hears of one WebSocket. Every call comes on the channel's loop; bytes are valid during the call only.
package protocol WebSocketHandler: AnyObject, Sendable {
    func opened(_ channel: WebSocketChannel)
    func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel)
    func received(binary: UnsafeRawBufferPointer, on channel: WebSocketChannel)
    /// Pending output has fallen below the low-water mark after it had been above.
    func drained(_ channel: WebSocketChannel)
    /// The last call, exactly once.
    func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd)
}

extension WebSocketHandler {
    package func opened(_ channel: WebSocketChannel) {}
    package func drained(_ channel: WebSocketChannel) {}

    /// Peers speak text; a handler that takes bytes says so by its own method.
    package func received(binary: UnsafeRawBufferPointer, on channel: WebSocketChannel) {
        channel.close(code: CloseCode.unsupportedData.rawValue, reason: "text messages only")
    }
}

package enum WebSocketEnd: Sendable, Equatable {
    /// The peer's close code; 1005 when it gave none, 1006 when it just went.
    case closed(UInt16)
    case fault(String)
    /// Nothing was heard, not even a pong.
    case silent
}

/// What becomes of an upgrade request.
package enum WebSocketAnswer: Sendable {
    case accept(any WebSocketHandler, subprotocol: String? = nil)
    case refuse(Response)
}
