import EventLoops
import Glibc
import HTTPWire
import Logging
import Synchronization

/// Serves HTTP/1.1 and WebSockets on the loops of a group, from ``start(on:addresses:connectionLimits:)`` to
/// ``close()``, kept or not.
package final class HTTPServer: Sendable {
    private struct Standing {
        var listeners: [Listener] = []
        var shares: [ObjectIdentifier: LoopBound<LoopShare>] = [:]
        var isClosed = false
    }

    package let counters: ServingCounters
    let router: Router
    let webSocket: @Sendable (HTTPRequestHead, SocketAddress) -> WebSocketAnswer
    let limits: ServingLimits
    let origins: AllowedOrigins
    let logger: Logger
    /// Seconds since 1970, for the Date field.
    let clock: @Sendable () -> Int
    private let standing = Mutex(Standing())
    private let accepts = Atomic<Bool>(true)

    /// `webSocket` judges every well-formed request to open a WebSocket, whatever its path; it runs on the
    /// connection's loop and must not wait.
    package init(
        router: Router,
        webSocket: @escaping @Sendable (HTTPRequestHead, SocketAddress) -> WebSocketAnswer,
        limits: ServingLimits = ServingLimits(), origins: AllowedOrigins = AllowedOrigins(),
        counters: ServingCounters = ServingCounters(), logger: Logger,
        clock: @escaping @Sendable () -> Int = { time(nil) }
    ) {
        self.router = router
        self.webSocket = webSocket
        self.limits = limits
        self.origins = origins
        self.counters = counters
        self.logger = logger
        self.clock = clock
    }

    /// Listens at all addresses or, if one fails, at none; tells the real ones. The limits count for each address
    /// listened at.
    package func start(
        on group: EventLoopGroup, addresses: [SocketAddress], connectionLimits: ConnectionLimits
    ) throws(LoopFault) -> [SocketAddress] {
        var listeners: [Listener] = []
        do throws(LoopFault) {
            for address in addresses {
                listeners.append(
                    try Listener.bind(
                        to: address, on: group, limits: connectionLimits, onNotice: { self.heard($0) },
                        onAccept: { HTTPConnection.begin($0, on: self.share(on: $1)) }))
            }
        } catch {
            for listener in listeners { listener.close() }
            throw error
        }
        standing.withLock { $0.listeners += listeners }
        return listeners.map(\.boundAddress)
    }

    /// Takes no more connections, and no second request on those it has; WebSockets live on.
    package func stopAccepting() {
        accepts.store(false, ordering: .relaxed)
        for listener in standing.withLock(\.listeners) { listener.stopAccepting() }
    }

    /// Frees the ports before it returns, and aborts every connection soon after; handlers hear of each end.
    package func close() {
        stopAccepting()
        let (listeners, shares) = standing.withLock { standing in
            defer {
                standing.isClosed = true
                standing.listeners = []
                standing.shares = [:]
            }
            return (standing.listeners, standing.shares)
        }
        for listener in listeners { listener.close() }
        for share in shares.values { share.execute { $0.abortAll() } }
    }

    /// `GET /api/…` of every route, for documents to be checked against.
    package var routes: [String] { router.routes }

    var isAccepting: Bool { accepts.load(ordering: .relaxed) }
    var isClosed: Bool { standing.withLock(\.isClosed) }

    /// The share of `loop`, on whose thread this runs; one made after the end is nobody's but its caller's.
    func share(on loop: EventLoop) -> LoopShare {
        let name = ObjectIdentifier(loop)
        if let share = standing.withLock({ $0.shares[name] }) { return share.value }
        let share = LoopShare(of: self, on: loop)
        let bound = LoopBound(share, on: loop)
        standing.withLock { standing in
            if !standing.isClosed { standing.shares[name] = bound }
        }
        return share
    }

    private func heard(_ notice: ListenerNotice) {
        switch notice {
        case .acceptingPaused(let errno):
            logger.warning("No more connections can be taken for now.", metadata: ["errno": "\(errno)"])
        case .acceptingResumed: logger.notice("Connections are taken again.")
        case .refused(let peer, _):
            logger.debug("A connection over the limit was closed.", metadata: ["peer": "\(peer)"])
        }
    }
}
