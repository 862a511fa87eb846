import EventLoops

/// What hears of one WebSocket, wherever it moves.
///
/// All calls come on the channel's loop, one after the other and none from inside a method of the channel: an actor of
/// that loop is entered with `assumeIsolated`. Bytes are good during the call only.
package protocol WebSocketHandler: AnyObject, Sendable {
    /// The first call.
    func opened(_ channel: WebSocketChannel)
    /// One whole text message, valid UTF-8.
    func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel)
    func received(binary: UnsafeRawBufferPointer, on channel: WebSocketChannel)
    /// The pending output has fallen to ``WebSocketChannel/lowWater`` or below after it had been above.
    func drained(_ channel: WebSocketChannel)
    /// The last call, made exactly once. Nothing can be sent any more; the socket may still be taking its leave.
    func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd)
}

extension WebSocketHandler {
    package func opened(_ channel: WebSocketChannel) {}
    package func drained(_ channel: WebSocketChannel) {}

    package func received(binary: UnsafeRawBufferPointer, on channel: WebSocketChannel) {
        channel.close(code: 1003, reason: "Binary messages are not taken here.")
    }
}
