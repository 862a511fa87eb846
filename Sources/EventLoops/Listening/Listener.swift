import Glibc
import Synchronization

/// One listening socket served by all loops of a group.
///
/// The loop that accepts keeps the connection, unless another has clearly fewer sockets: the kernel wakes the same
/// sleeper again and again, and connections live long. It runs until ``close()`` or its loops stop, kept or not.
package final class Listener: Sendable {
    private struct Doors {
        var ports: [ListenerPort] = []
        var descriptor: ListeningDescriptor?
        var isPaused = false
    }

    private static let retryDelay = Duration.milliseconds(100)

    /// Where it listens; the real port if 0 was asked for.
    package let boundAddress: SocketAddress
    private let loops: [EventLoop]
    private let ledger: AdmissionLedger
    private let onNotice: @Sendable (ListenerNotice) -> Void
    private let onAccept: @Sendable (DetachedSocket, EventLoop) -> Void
    private let doors = Mutex(Doors())
    private let accepts = Atomic<Bool>(true)

    /// Listens at `address`; each connection within `limits` is given to `onAccept` on the thread of the loop it is
    /// to live on, there to be attached (or dropped, which closes it).
    package static func bind(
        to address: SocketAddress, on group: EventLoopGroup, backlog: Int32 = 1024, limits: ConnectionLimits,
        onNotice: @escaping @Sendable (ListenerNotice) -> Void = { _ in },
        onAccept: @escaping @Sendable (DetachedSocket, EventLoop) -> Void
    ) throws(LoopFault) -> Listener {
        let descriptor = try ListeningDescriptor.listen(at: address, backlog: backlog)
        let listener = Listener(
            address: descriptor.address, loops: group.loops, limits: limits, onNotice: onNotice, onAccept: onAccept)
        listener.open(descriptor)
        return listener
    }

    private init(
        address: SocketAddress, loops: [EventLoop], limits: ConnectionLimits,
        onNotice: @escaping @Sendable (ListenerNotice) -> Void,
        onAccept: @escaping @Sendable (DetachedSocket, EventLoop) -> Void
    ) {
        boundAddress = address
        self.loops = loops
        ledger = AdmissionLedger(limits)
        self.onNotice = onNotice
        self.onAccept = onAccept
    }

    private func open(_ descriptor: ListeningDescriptor) {
        let ports = loops.map { ListenerPort(self, descriptor, on: $0) }
        doors.withLock { doors in
            doors.ports = ports
            doors.descriptor = descriptor
        }
        for port in ports { port.loop.execute { port.watch() } }
    }

    /// Connections admitted and not ended.
    package var connectionCount: Int { ledger.total }
    /// Connections closed at once because of the limits, so far.
    package var refusedCount: Int { ledger.refused }

    var isAccepting: Bool { accepts.load(ordering: .relaxed) }

    /// Takes no more connections but keeps the port: newcomers wait in the kernel's queue until ``close()`` turns
    /// them away.
    package func stopAccepting() {
        accepts.store(false, ordering: .relaxed)
        for port in doors.withLock(\.ports) { port.loop.execute { port.unwatch() } }
    }

    /// Refuses newcomers and frees the port before it returns. Connections taken before live on.
    package func close() {
        stopAccepting()
        doors.withLock { doors in
            doors.descriptor?.shut()
            doors.descriptor = nil
            doors.ports = []
        }
    }

    func remove(_ port: ListenerPort) {
        doors.withLock { doors in
            doors.ports.removeAll { $0 === port }
            if doors.ports.isEmpty { doors.descriptor = nil }
        }
    }
}

extension Listener {
    func admit(_ number: Int32, _ peer: SocketAddress, at port: ListenerPort) {
        switch ledger.admit(peer) {
        case .failure(let refused):
            Glibc.close(number)
            onNotice(.refused(peer, refused.why))
        case .success(let ticket):
            let socket = DetachedSocket(number, peer: peer, ticket: ticket)
            let home = home(for: port.loop)
            if home === port.loop { return onAccept(socket, home) }
            home.execute { self.onAccept(socket, home) }
        }
    }

    /// The accepting loop, or the emptiest if that has at least two sockets fewer.
    private func home(for accepting: EventLoop) -> EventLoop {
        var (home, fewest) = (accepting, accepting.openSockets - 1)
        for loop in loops where loop.openSockets < fewest { (home, fewest) = (loop, loop.openSockets) }
        return home
    }

    /// Without descriptors a readable listener would be reported forever: nobody watches it until the retry succeeds.
    func pause(_ code: Int32, at port: ListenerPort) {
        port.unwatch()
        let (isFirst, ports) = doors.withLock { doors in
            defer { doors.isPaused = true }
            return (!doors.isPaused, doors.ports)
        }
        guard isFirst else { return }
        onNotice(.acceptingPaused(errno: code))
        for other in ports where other !== port { other.loop.execute { other.unwatch() } }
        retryLater(at: port)
    }

    private func retryLater(at port: ListenerPort) {
        port.loop.schedule(after: Self.retryDelay) { self.retry(at: port) }
    }

    private func retry(at port: ListenerPort) {
        guard isAccepting else { return }
        if case .exhausted = port.acceptBatch() { return retryLater(at: port) }
        let ports = doors.withLock { doors in
            doors.isPaused = false
            return doors.ports
        }
        onNotice(.acceptingResumed)
        for port in ports { port.loop.execute { port.watch() } }
    }
}
