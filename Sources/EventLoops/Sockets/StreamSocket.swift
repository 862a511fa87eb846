import CLinux
import Glibc

/// A TCP socket on one loop, touched on that loop only; between sockets' events it costs no more than this object.
///
/// ```
/// connecting ─► open ─► closing ─► lingering ─► ended
///    │           │ ├──────┴──────────┴──────────►  (abort, reset, time)
///    └───────────┘ └─► detached (lives on as a DetachedSocket)
/// closing     sends what is pending, discards what arrives
/// lingering   has sent its end, waits for the peer's: closing with unread bytes would reset the connection and
///             destroy our last words on their way (RFC 1122 §4.2.2.13)
/// ```
/// Bytes pass the kernel in two places only, ``receive(into:)`` and ``transmit(_:)``: a TLS flavour replaces those
/// two, the rest stays.
package final class StreamSocket {
    enum State {
        case connecting
        case open
        case closing
        case lingering
        case ended
        case detached
    }

    struct Flags: OptionSet {
        let rawValue: UInt16
        /// In the loop's list of sockets to flush.
        static let unsent = Flags(rawValue: 1)
        /// In the loop's list of sockets to read on.
        static let unread = Flags(rawValue: 2)
        /// The kernel took less than offered; waits for the writable edge.
        static let blocked = Flags(rawValue: 4)
        static let paused = Flags(rawValue: 8)
        /// A hang-up was reported, and no further edge will be: read until its end shows.
        static let hungUp = Flags(rawValue: 16)
        static let peerFinished = Flags(rawValue: 32)
        static let writeFailed = Flags(rawValue: 64)
        static let aboveLowWater = Flags(rawValue: 128)
    }

    package let loop: EventLoop
    package let peer: SocketAddress
    /// `drained` is called when ``pendingBytes`` falls from above to this.
    @exclusivity(unchecked) package var lowWater = 16 * 1024

    var handler: (any StreamSocketHandler)?
    var descriptor: Int32
    var token: UInt64 = 0
    // Small values that are read and stored, never lent out: no access of theirs can overlap another.
    @exclusivity(unchecked) var state: State
    @exclusivity(unchecked) var flags: Flags = []
    @exclusivity(unchecked) var pending: PendingOutput?
    var deadline: LoopTimer?
    var ticket: AdmissionTicket?
    var end = SocketEnd.closedHere

    /// Edge-triggered, both directions, never changed afterwards: blocking, pausing and resuming cost no `epoll_ctl`,
    /// and epoll need not ask each socket again whether it is still ready. Against a plain C echo (64 sockets, 200
    /// bytes, depth 1 / 16) a message took 1.12 / 1.15 of its CPU time, level-triggered 1.15 / 1.15.
    static let interest = clinux_readable | clinux_writable | clinux_peer_shut | clinux_edge

    /// Takes `descriptor` over: from here on the socket closes it, or is detached from it.
    init(
        _ descriptor: Int32, peer: SocketAddress, on loop: EventLoop, state: State, handler: any StreamSocketHandler
    ) throws(LoopFault) {
        self.loop = loop
        self.peer = peer
        self.descriptor = descriptor
        self.state = state
        self.handler = handler
        token = try loop.watch(descriptor, for: Self.interest, self)
        loop.countSockets(1)
    }

    /// Whether it takes writes: neither closing nor ended nor detached.
    package var isOpen: Bool { state == .open || state == .connecting }

    /// Bytes written and not yet taken by the kernel.
    package var pendingBytes: Int { pending?.byteCount ?? 0 }

    /// From now on `handler` hears of this socket (after an upgrade, say).
    package func replaceHandler(_ handler: any StreamSocketHandler) {
        assert(loop.isCurrent)
        if self.handler != nil { self.handler = handler }
    }
}

extension StreamSocket: Watcher {
    func ready(_ events: UInt32) {
        if state == .connecting, !finishConnecting(events) { return }
        if events & clinux_writable != 0, flags.contains(.blocked) {
            flags.remove(.blocked)
            flush()
        }
        if events & (clinux_peer_shut | clinux_hangup | clinux_error) != 0 { flags.insert(.hungUp) }
        if events & clinux_readable != 0 || flags.contains(.hungUp) { read(failed: events & clinux_error != 0) }
    }

    func loopStopped() {
        flush()
        finish(.closedHere)
    }
}
