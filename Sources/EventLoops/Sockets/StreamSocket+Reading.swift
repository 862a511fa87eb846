import CLinux
import Glibc

extension StreamSocket {
    /// Full buffers one socket may deliver before the others of the turn have theirs.
    private static let readsPerTurn = 4

    /// Leaves what arrives in the kernel, so that the peer has to wait; `received` is not called until
    /// ``resumeReading()``. A peer's end is noticed only then, a reset at once.
    package func pauseReading() {
        assert(loop.isCurrent)
        if isOpen { flags.insert(.paused) }
    }

    /// Reads again, from this turn or the next on.
    package func resumeReading() {
        assert(loop.isCurrent)
        guard flags.contains(.paused) else { return }
        flags.remove(.paused)
        // The edge may have passed while nobody looked.
        readLater()
    }

    func readLater() {
        guard descriptor >= 0, !flags.contains(.unread) else { return }
        flags.insert(.unread)
        loop.unread.append(self)
    }

    func readOn() {
        flags.remove(.unread)
        read(failed: false)
    }

    /// Reads until the kernel has no more, the handler pauses, closes or detaches, or the turn's share is used up.
    func read(failed: Bool) {
        if flags.contains(.paused) {
            if failed { finish(StreamSocket.end(for: clinux_take_error(descriptor))) }
            return
        }
        for _ in 0..<Self.readsPerTurn {
            guard canRead else { return }
            let count = receive(into: loop.scratch)
            guard count > 0 else { return nothingRead(count) }
            deliver(count)
            // A short read emptied the socket, and news makes a new edge, except for a hang-up already reported.
            if count < loop.scratch.count, !flags.contains(.hungUp) { return }
        }
        if canRead { readLater() }
    }

    private var canRead: Bool { descriptor >= 0 && !flags.contains(.paused) && state != .connecting }

    private func deliver(_ count: Int) {
        guard state == .open, let handler else { return }
        handler.received(UnsafeMutableRawBufferPointer(rebasing: loop.scratch[..<count]), from: self)
    }

    private func nothingRead(_ result: Int) {
        if result == 0 { return peerFinished() }
        let code = Int32(-result)
        // Once our end is out, how the peer takes its leave is its own affair.
        guard code == EAGAIN else { return finish(state == .lingering ? end : StreamSocket.end(for: code)) }
        if flags.contains(.writeFailed) { return finish(end) }
        flags.remove(.hungUp)
    }

    /// The peer sends no more. What the handler has answered still goes out, for a while.
    private func peerFinished() {
        flags.insert(.peerFinished)
        if flags.contains(.writeFailed) { return finish(end) }
        switch state {
        case .open: beginClosing(.peerClosed, within: .seconds(5))
        case .closing where pending != nil: flags.insert(.paused)
        default: finish(end)
        }
    }

    /// Bytes read, 0 at the peer's end, or the negative errno.
    private func receive(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            let code = errno
            if code != EINTR { return -Int(code) }
        }
    }

    static func end(for code: Int32) -> SocketEnd {
        switch code {
        case ECONNRESET, EPIPE, 0: .reset
        case ETIMEDOUT: .timedOut
        default: .error(code)
        }
    }
}
