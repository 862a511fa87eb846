import CLinux
import Glibc

extension StreamSocket {
    /// Sends what is pending, then its end, waits for the peer's end and closes; `ended` says `closedHere`, or
    /// `timedOut` if not all could be sent within `timeout`. Nothing is received any more.
    package func closeAfterFlush(timeout: Duration = .seconds(5)) {
        assert(loop.isCurrent)
        switch state {
        case .connecting: finish(.closedHere)
        case .open: flags.contains(.writeFailed) ? finish(end) : beginClosing(.closedHere, within: timeout)
        default: break
        }
    }

    /// Closes at once with a reset; what is pending is lost, here and in the kernel.
    package func abort() {
        assert(loop.isCurrent)
        guard descriptor >= 0 else { return }
        clinux_reset_on_close(descriptor)
        finish(.closedHere)
    }

    func beginClosing(_ reason: SocketEnd, within timeout: Duration) {
        state = .closing
        end = reason
        guard pending != nil || !flags.contains(.peerFinished) else { return finish(reason) }
        deadline = loop.schedule(after: timeout) { self.closingTimedOut() }
        if flags.contains(.peerFinished) {
            flags.insert(.paused)
        } else {
            resumeReading()
        }
        if pending == nil { finishSending() }
    }

    func finishSending() {
        if flags.contains(.peerFinished) { return finish(end) }
        state = .lingering
        shutdown(descriptor, Int32(SHUT_WR))
    }

    private func closingTimedOut() {
        deadline = nil
        finish(pending == nil ? end : .timedOut)
    }

    /// Closes the descriptor; the handler hears of it at the end of the turn, outside whatever is running now.
    func finish(_ reason: SocketEnd) {
        guard descriptor >= 0 else { return }
        loop.forget(token)
        close(descriptor)
        leave(.ended)
        loop.ends.append((self, reason))
    }

    /// What ending and detaching have in common: nothing of this socket stays with the loop.
    func leave(_ last: State) {
        descriptor = -1
        state = last
        ticket = nil
        deadline?.cancel()
        deadline = nil
        releaseOutput()
        loop.countSockets(-1)
    }

    func tell(_ end: SocketEnd) {
        let handler = self.handler
        self.handler = nil
        handler?.ended(self, end)
    }
}
