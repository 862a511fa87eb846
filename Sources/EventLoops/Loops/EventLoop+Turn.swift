import CLinux
import Glibc

extension EventLoop {
    /// The block that is the loop's thread.
    func run() {
        asOwner {
            while !isStopping { turn() }
            windDown()
        }
    }

    private func turn() {
        let count = waitForEvents()
        now = EventLoop.monotonicNanoseconds()
        inbox.take(into: &batch)
        dispatch(count)
        readOn()
        runBatch()
        fireTimers()
        runTurnEndHooks()
        flushSockets()
        tellEnds()
    }

    private func waitForEvents() -> Int {
        let count = epoll_wait(epoll, events, Int32(EventLoop.eventsPerTurn), timeout())
        // EINTR is an empty turn.
        return max(0, Int(count))
    }

    /// Milliseconds to sleep: none if something is left to do, else until the next timer.
    private func timeout() -> Int32 {
        guard unread.isEmpty, unsent.isEmpty, ends.isEmpty, turnEnd.isEmpty, !isStopping else { return 0 }
        guard inbox.fallAsleep() else { return 0 }
        return timerTimeout()
    }

    private func dispatch(_ count: Int) {
        for index in 0..<count {
            // A token nobody answers to: the waker's, or one closed earlier in this batch.
            guard let watcher = watches[clinux_event_token(events + index)] else { continue }
            watcher.ready(clinux_event_bits(events + index))
        }
    }

    private func readOn() {
        if unread.isEmpty { return }
        let sockets = unread.take()
        for socket in sockets { socket.readOn() }
        unread.recycle(sockets)
    }

    private func runBatch() {
        for work in batch { perform(work) }
        batch.removeAll(keepingCapacity: batch.count <= 4096)
    }

    func perform(_ work: LoopWork) {
        switch work {
        case .call(let work): work()
        case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    /// Work that came after the end: a turn of its own, without sockets and timers.
    func runLate(_ work: LoopWork) {
        perform(work)
        runTurnEndHooks()
    }

    private func runTurnEndHooks() {
        if turnEnd.isEmpty { return }
        let hooks = turnEnd.take()
        for hook in hooks { hook() }
        turnEnd.recycle(hooks)
    }

    private func flushSockets() {
        if unsent.isEmpty { return }
        let sockets = unsent.take()
        for socket in sockets { socket.flush() }
        unsent.recycle(sockets)
    }

    private func tellEnds() {
        if ends.isEmpty { return }
        let ended = ends.take()
        for (socket, end) in ended { socket.tell(end) }
        ends.recycle(ended)
    }

    /// Handlers may still ask for things while they end; what they put in the inbox runs, what they attach is refused.
    private func windDown() {
        for watcher in watches.watchers { watcher.loopStopped() }
        tellEnds()
        inbox.close(into: &batch)
        runBatch()
        runTurnEndHooks()
        tellEnds()
        timers = TimerWheel()
        spareOutputs = []
        close(epoll)
        epoll = -1
    }
}
