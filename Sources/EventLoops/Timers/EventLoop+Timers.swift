extension EventLoop {
    /// Runs `work` on this loop once `delay` has passed since ``now``, at the first tick after it. Loop's thread only.
    ///
    /// Never early; late by up to a tick and the turn under way. Timers of different ticks run in order.
    @discardableResult
    package func schedule(after delay: Duration, _ work: @escaping () -> Void) -> LoopTimer {
        precondition(isCurrent, "A timer is set on the loop's own thread.")
        let due = now - origin + delay.wholeNanoseconds
        let key = timers.insert(work, deadline: (due + tickNanoseconds - 1) / tickNanoseconds)
        // After the end nothing fires any more, and what never fires must not keep what it captured.
        if epoll < 0 { timers.cancel(key) }
        return LoopTimer(loop: self, key: key)
    }

    func fireTimers() {
        let tick = (now - origin) / tickNanoseconds
        while let work = timers.popDue(at: tick) { work() }
    }

    /// Milliseconds until the wheel has something to do, rounded up; −1 if nothing.
    func timerTimeout() -> Int32 {
        guard let tick = timers.nextTick else { return -1 }
        let due = origin + tick * tickNanoseconds
        guard due > now else { return 0 }
        return Int32(min((due - now + 999_999) / 1_000_000, 60_000))
    }
}

/// A timer that has been set. Dropping it changes nothing; only ``cancel()`` does.
package struct LoopTimer: Sendable {
    fileprivate let loop: EventLoop
    fileprivate let key: TimerWheel<() -> Void>.Key

    /// Keeps the work from running, if it has not run. Loop's thread only.
    package func cancel() {
        precondition(loop.isCurrent, "A timer is cancelled on the loop's own thread.")
        loop.timers.cancel(key)
    }
}

extension Duration {
    /// Nanoseconds between none and 73 years; what is finer than one counts as one.
    package var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard self > .zero else { return 0 }
        guard seconds < 1 << 31 else { return 1 << 61 }
        return UInt64(seconds) * 1_000_000_000 + UInt64((attoseconds + 999_999_999) / 1_000_000_000)
    }
}
