import CLinux
import Dispatch
import Glibc
import Synchronization

/// One thread that waits for readiness and timers and runs everything that belongs to its sockets.
///
/// The thread is a block of the loop's own serial Dispatch queue that does not return until ``stop()``; the loop is
/// also the executor of the actors that live on it, so a socket's callback enters them with `assumeIsolated` and
/// nothing hops. One turn:
/// ```
/// epoll_wait → now → readiness (and sockets with more to read) → inbox → timers → turn-end hooks → flushes → ends
/// ```
/// All writes of a turn to one socket leave in one system call, and a socket's end is told last.
///
/// `@unchecked Sendable`, by this rule: the `let`s are safe from anywhere; **every `var` is touched on the loop's
/// thread only** (``isCurrent``). Before the thread runs nobody else knows the loop; after it ended, late work runs
/// one at a time on the same serial queue, which then counts as the loop's thread.
package final class EventLoop: SerialExecutor, @unchecked Sendable {
    package let label: String

    let queue: DispatchQueue
    let waker: Int32
    let inbox = Inbox()
    let tickNanoseconds: UInt64
    let origin: UInt64
    /// What sockets read into, one after the other; the same 64 KiB serve them all and stay in the cache.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 64)
    let iovecs = UnsafeMutablePointer<iovec>.allocate(capacity: PendingOutput.piecesPerCall)
    let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.eventsPerTurn)
    private let owner = Atomic<UInt>(0)
    private let socketCount = Atomic<Int>(0)

    /// Monotonic nanoseconds, read once at the start of the turn. Loop's thread only.
    package internal(set) var now: UInt64
    var epoll: Int32
    var watches = WatchTable()
    var timers = TimerWheel<() -> Void>()
    var batch: ContiguousArray<LoopWork> = []
    var unread = TurnList<StreamSocket>()
    var unsent = TurnList<StreamSocket>()
    var ends = TurnList<(StreamSocket, SocketEnd)>()
    var turnEnd = TurnList<() -> Void>()
    var spareOutputs: ContiguousArray<PendingOutput> = []
    var isStopping = false

    static let eventsPerTurn = 256
    static let wakeToken = UInt64.max

    private init(label: String, epoll: Int32, waker: Int32, tickNanoseconds: UInt64) {
        self.label = label
        self.queue = DispatchQueue(label: label)
        self.epoll = epoll
        self.waker = waker
        self.tickNanoseconds = tickNanoseconds
        self.origin = EventLoop.monotonicNanoseconds()
        self.now = origin
    }

    deinit {
        close(waker)
        scratch.deallocate()
        iovecs.deallocate()
        events.deallocate()
    }

    /// A running loop. It runs until ``stop()``, whether or not anyone keeps it. `tick` is the timers' grain, at
    /// least a millisecond.
    package static func start(label: String, tick: Duration = .milliseconds(10)) throws(LoopFault) -> EventLoop {
        let epoll = clinux_epoll_create()
        guard epoll >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
        let waker = clinux_eventfd()
        // Edge-triggered: every write to the eventfd is a new edge, so it never has to be read.
        guard waker >= 0, clinux_epoll_add(epoll, waker, clinux_readable | clinux_edge, wakeToken) == 0 else {
            let code = errno
            close(epoll)
            if waker >= 0 { close(waker) }
            throw .system(call: "eventfd", errno: code)
        }
        let loop = EventLoop(
            label: label, epoll: epoll, waker: waker, tickNanoseconds: max(tick.wholeNanoseconds, 1_000_000))
        loop.queue.async { loop.run() }
        return loop
    }

    /// Whether the caller runs on this loop's thread: one load and one thread-local read.
    package var isCurrent: Bool { owner.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// How many sockets live here; from anywhere, good for balancing and metrics.
    package var openSockets: Int { socketCount.load(ordering: .relaxed) }

    func countSockets(_ change: Int) { socketCount.wrappingAdd(change, ordering: .relaxed) }

    /// Runs `work` on the loop's thread, in the caller's order; from anywhere, the loop itself included.
    ///
    /// After ``stop()`` it still runs, on the loop's queue, so that nobody waits forever.
    package func execute(_ work: @escaping @Sendable () -> Void) { submit(.call(work)) }

    func submit(_ work: LoopWork) {
        switch inbox.put(work) {
        case .queued: break
        case .queuedWhileAsleep: wake()
        case .closed: queue.async { self.asOwner { self.runLate(work) } }
        }
    }

    private func wake() {
        var one: UInt64 = 1
        // Cannot block or fail: the counter would have to pass 2^64 − 2, and the descriptor lives as long as self.
        _ = Glibc.write(waker, &one, 8)
    }

    /// Ends the loop after its current turn: runs what waits in the inbox, sends what the kernel takes at once,
    /// closes every socket (handlers hear `closedHere`) and drops the timers. From anywhere; repeatable.
    package func stop() { execute { self.isStopping = true } }

    /// Returns once the thread has ended and every descriptor but the waker's (closed with the object) is closed.
    package func stopped() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    /// Runs `work` once at the end of this turn, before the sockets are flushed. Loop's thread only.
    package func atTurnEnd(_ work: @escaping () -> Void) {
        precondition(isCurrent, "A turn-end hook is set on the loop's own thread.")
        turnEnd.append(work)
    }

    func asOwner(_ body: () -> Void) {
        owner.store(UInt(pthread_self()), ordering: .relaxed)
        body()
        owner.store(0, ordering: .relaxed)
    }

    static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
