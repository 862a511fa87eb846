import EventLoops
import HTTPWire
import Logging
import Synchronization

/// What all connections of a server share.
struct HTTPTerms: Sendable {
    let router: Router
    let webSocket: @Sendable (HTTPRequestHead, SocketAddress) -> WebSocketAnswer
    let limits: ServingLimits
    let counters: ServingCounters
    let clock: @Sendable () -> Int
    let dates: DateText
    let logger: Logger

    func date() -> String { dates.text(at: clock()) }
}

/// The `Date` of responses, made once a second.
final class DateText: Sendable {
    private let last = Mutex<(seconds: Int, text: String)>((-1, ""))

    func text(at seconds: Int) -> String {
        last.withLock { last in
            if last.seconds != seconds { last = (seconds, HTTPDate.text(secondsSinceEpoch: seconds)) }
            return last.text
        }
    }
}

/// Listens, and gives every connection its life.
package final class HTTPServer: Sendable {
    package let counters: ServingCounters
    package let routes: [String]
    private let terms: HTTPTerms
    private let listeners = Mutex<[Listener]>([])

    /// - Parameter clock: seconds since 1970.
    package init(
        router: Router, webSocket: @escaping @Sendable (HTTPRequestHead, SocketAddress) -> WebSocketAnswer,
        limits: ServingLimits, counters: ServingCounters, clock: @escaping @Sendable () -> Int, logger: Logger
    ) {
        self.counters = counters
        routes = router.routes
        terms = HTTPTerms(
            router: router, webSocket: webSocket, limits: limits, counters: counters, clock: clock,
            dates: DateText(), logger: logger)
    }

    /// Begins to listen and tells the address, with the port the system chose when 0 was asked.
    package func start(
        on group: EventLoopGroup, address: SocketAddress, connectionLimits: ConnectionLimits
    ) throws(LoopFault) -> SocketAddress {
        let terms = terms
        let listener = try Listener.bind(
            to: address, on: group, limits: connectionLimits, onNotice: { Self.tell($0, terms) },
            onAccept: { detached, loop in HTTPConnection(terms).open(detached, on: loop) })
        listeners.withLock { $0.append(listener) }
        return listener.boundAddress
    }

    private static func tell(_ notice: ListenerNotice, _ terms: HTTPTerms) {
        switch notice {
        case .acceptingPaused(let code):
            terms.logger.error(
                "accepting paused: no descriptors left; raise the limit (ulimit -n) or lower SLEAP_ROOMS_MAX_CONNECTIONS",
                metadata: ["errno": "\(code)"])
        case .acceptingResumed:
            terms.logger.notice("accepting again")
        case .refused(let address, let reason):
            terms.counters.connectionsRefused.count()
            terms.logger.debug("connection refused", metadata: ["peer": "\(address)", "reason": "\(reason)"])
        }
    }

    package func stopAccepting() {
        for listener in listeners.withLock({ $0 }) { listener.stopAccepting() }
    }

    /// Frees the ports; connections that live on end with their loops.
    package func close() {
        for listener in listeners.withLock({ $0 }) { listener.close() }
    }
}
