import EventLoops
import WebSocketWire

/// One WebSocket on one loop, as its handler and the service hold it: it may travel anywhere, and everything but
/// ``loop`` and ``peer`` is for the loop's thread, which is checked.
///
/// After a move this handle is spent, as after the end: it is not open, sends nothing and has nothing pending.
package final class WebSocketChannel: Sendable {
    package let peer: SocketAddress
    private let bound: LoopBound<WebSocketConnection>

    init(_ connection: WebSocketConnection, peer: SocketAddress) {
        bound = LoopBound(connection, on: connection.loop)
        self.peer = peer
    }

    package var loop: EventLoop { bound.loop }

    private var connection: WebSocketConnection {
        precondition(bound.loop.isCurrent, "A channel is touched on its loop.")
        return bound.unchecked
    }

    /// Whether messages may be sent.
    package var isOpen: Bool { connection.isOpen }

    /// Bytes sent and not yet taken by the kernel: what a peer that does not read costs.
    package var pendingBytes: Int { connection.pendingBytes }

    /// Where `drained` is called; 16 KiB at first.
    package var lowWater: Int {
        get { connection.lowWater }
        set { connection.lowWater = newValue }
    }

    /// Sends a text message, which must be UTF-8. The bytes are copied; all of a turn leave in one write.
    package func send(text: UnsafeRawBufferPointer) { connection.send(.text, text) }

    package func send(binary: UnsafeRawBufferPointer) { connection.send(.binary, binary) }

    /// Sends a text message that many peers share, without copying it unless it is short.
    package func send(shared text: [UInt8]) { connection.send(.text, shared: text) }

    /// Delivers nothing more after the message under way, however many have already arrived; what one read brought is
    /// kept, the rest waits in the kernel. Meanwhile nobody judges whether the peer is alive.
    package func pauseReading() { connection.pauseReading() }

    /// Delivers again, from the next turn on if something was kept.
    package func resumeReading() { connection.resumeReading() }

    /// Sends a close frame behind what is pending; `ended` comes with the peer's answer, or without one after
    /// `closeTimeout`. Messages that still arrive are dropped. The code must be one that may travel; a long reason is
    /// cut.
    package func close(code: UInt16, reason: String = "") {
        connection.close(CloseCode(rawValue: code), reason: reason)
    }

    /// Hands the connection to another loop, after the message under way: nothing is lost or reordered.
    ///
    /// `then` runs there with the new channel, before the handler hears of anything else; on the same loop it runs at
    /// once, with this channel. If the connection ends before it has left, `then` does not run, and `ended` comes
    /// here; once `then` has run, `ended` comes there. One move at a time: of two in one message the later counts.
    package func move(to loop: EventLoop, then: @escaping @Sendable (WebSocketChannel) -> Void) {
        let connection = connection
        loop === self.loop ? then(self) : connection.move(to: loop, then)
    }

    /// Delivers what was kept; posted by ``resumeReading()``.
    func deliverKept() { connection.deliverKept() }
}
