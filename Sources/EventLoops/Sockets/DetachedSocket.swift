import Glibc
import Synchronization

/// A socket between two loops: its descriptor and what it still has to send, owned by nobody's thread.
///
/// Attach it once; if it is dropped instead, the connection closes.
package final class DetachedSocket: Sendable {
    package let peer: SocketAddress
    let descriptor: Int32
    let output: [OutputPiece]
    let ticket: AdmissionTicket?
    private let isTaken = Atomic<Bool>(false)

    init(_ descriptor: Int32, peer: SocketAddress, output: [OutputPiece] = [], ticket: AdmissionTicket?) {
        self.descriptor = descriptor
        self.peer = peer
        self.output = output
        self.ticket = ticket
    }

    deinit {
        if !isTaken.load(ordering: .relaxed) { close(descriptor) }
    }

    /// Gives the descriptor away; a second taker is our own mistake.
    func take() {
        let (wasTaken, _) = isTaken.logicalOr(true, ordering: .relaxed)
        precondition(!wasTaken, "A detached socket is attached once.")
    }

    package var pendingBytes: Int { output.reduce(0) { $0 + $1.bytes.count } }
}

extension StreamSocket {
    /// Takes the socket off this loop with its unsent output; its handler hears nothing more, not even `ended`. Nil
    /// if it is not connected or already closing.
    package func detach() -> DetachedSocket? {
        assert(loop.isCurrent)
        guard state == .open, !flags.contains(.writeFailed) else { return nil }
        let detached = DetachedSocket(descriptor, peer: peer, output: pending?.takePieces() ?? [], ticket: ticket)
        loop.unwatch(descriptor, token)
        leave(.detached)
        handler = nil
        return detached
    }

    /// Gives the socket a new home. What arrived meanwhile is reported from the next turn on. On the thread of `loop`.
    package static func attach(
        _ detached: DetachedSocket, to loop: EventLoop, handler: any StreamSocketHandler
    ) throws(LoopFault) -> StreamSocket {
        let socket = try StreamSocket(
            detached.descriptor, peer: detached.peer, on: loop, state: .open, handler: handler)
        detached.take()
        socket.ticket = detached.ticket
        socket.adopt(detached.output)
        return socket
    }
}
