import EventLoops
import HTTPWire

extension HTTPConnection: AlarmBearer {
    var loop: EventLoop { share.loop }

    func alarmRang() {
        switch phase {
        case .head: headIsLate()
        case .body: refuse(.requestTimeout, "The body of the request came too slowly.")
        case .handling, .congested, .finishing: lookForProgress()
        case .over: break
        }
    }

    /// From now on something of what is unsent has to leave in each `bodyTimeout`.
    func watchProgress() {
        lastPending = socket?.pendingBytes ?? 0
        setAlarm(after: limits.bodyTimeout)
    }

    private func lookForProgress() {
        guard let socket else { return }
        socket.pendingBytes < lastPending ? watchProgress() : socket.abort()
    }

    /// A connection on which no request has begun is closed without a word, unless a response is still leaving it.
    private func headIsLate() {
        guard let socket else { return }
        if isHeadUnderWay { return refuse(.requestTimeout, "The head of the request came too slowly.") }
        if socket.pendingBytes > 0 { return lookForProgress() }
        phase = .finishing
        socket.closeAfterFlush()
    }
}
