import CLinux
import Synchronization

/// A listener's presence on one loop.
final class ListenerPort: Watcher, Sendable {
    private static let unwatched = UInt64.max

    let loop: EventLoop
    private let listener: Listener
    private let descriptor: ListeningDescriptor
    /// Changed on the loop's thread only.
    private let token = Atomic<UInt64>(unwatched)

    init(_ listener: Listener, _ descriptor: ListeningDescriptor, on loop: EventLoop) {
        self.listener = listener
        self.descriptor = descriptor
        self.loop = loop
    }

    /// EPOLLEXCLUSIVE: one sleeping loop is woken for a connection, not all. Such an entry cannot be modified, so
    /// pausing removes it.
    func watch() {
        guard token.load(ordering: .relaxed) == Self.unwatched, listener.isAccepting else { return }
        let events = clinux_readable | clinux_exclusive
        do throws(LoopFault) {
            token.store(try loop.watch(descriptor.number, for: events, self), ordering: .relaxed)
        } catch .system(_, let code) {
            // The kernel's watch limit or memory: a shortage like the others, tried again later.
            listener.pause(code, at: self)
        } catch {}
    }

    func unwatch() {
        let watched = token.exchange(Self.unwatched, ordering: .relaxed)
        if watched != Self.unwatched { loop.unwatch(descriptor.number, watched) }
    }

    func ready(_ events: UInt32) {
        if case .exhausted(let code) = acceptBatch() { listener.pause(code, at: self) }
    }

    func loopStopped() {
        unwatch()
        listener.remove(self)
    }

    enum Outcome {
        case accepted
        case exhausted(Int32)
    }

    /// A few connections at a time, so that other loops and this loop's sockets have their turn.
    func acceptBatch() -> Outcome {
        for _ in 0..<16 where listener.isAccepting {
            switch descriptor.accept() {
            case .connection(let number, let peer): listener.admit(number, peer, at: self)
            case .none: continue
            case .exhausted(let code): return .exhausted(code)
            case .empty, .closed: return .accepted
            }
        }
        return .accepted
    }
}
