import EventLoops

/// A handle on one WebSocket. It travels anywhere; its methods are called on its loop.
package final class WebSocketChannel: Sendable {
    package let loop: EventLoop
    package let peer: SocketAddress
    private let connection: LoopBound<WebSocketConnection>

    init(_ connection: WebSocketConnection, peer: SocketAddress, on loop: EventLoop) {
        self.loop = loop
        self.peer = peer
        self.connection = LoopBound(connection, on: loop)
    }

    package var isOpen: Bool { connection.value.isOpen }

    /// Bytes sent and not yet taken by the kernel.
    package var pendingBytes: Int { connection.value.pendingBytes }

    /// Sends one text message; the bytes are copied.
    package func send(text: UnsafeRawBufferPointer) { connection.value.send(.text, text) }
    package func send(binary: UnsafeRawBufferPointer) { connection.value.send(.binary, binary) }

    /// Sends one text message that many sockets share; large ones are not copied.
    package func send(shared text: [UInt8]) { connection.value.send(shared: text) }

    /// Delivers nothing after the current message until ``resumeReading()``.
    package func pauseReading() { connection.value.pause() }
    package func resumeReading() { connection.value.resume() }

    /// Sends a close frame behind what is pending, and ends when the peer answers or the time is up.
    package func close(code: UInt16, reason: String) { connection.value.close(code, reason) }

    /// Hands the socket to another loop, with everything read and unsent; `then` runs there with its new handle.
    package func move(to target: EventLoop, then: @escaping @Sendable (WebSocketChannel) -> Void) {
        connection.value.move(to: target, then: then)
    }
}
