import EventLoops
import WebSocketWire

extension WebSocketConnection {
    func close(_ code: CloseCode, reason: String) {
        guard socket != nil, let frame = life.handshake.begin(code, reason: reason) else { return }
        sendClose(frame)
        life.closing = (code, loop.now + limits.closeTimeout.wholeNanoseconds)
        setAlarm(at: nextDue)
        // The peer's close frame may lie behind what nobody wants to read any more.
        resumeReading()
    }

    func peerCloses(_ code: CloseCode?, _ reason: String) {
        if let closing = life.closing {
            _ = life.handshake.receive(code)
            leaveSocket(.closedHere(closing.code, answered: true))
        } else if let reply = life.handshake.receive(code) {
            sendClose(reply)
            life.handshake.replyWritten()
            leaveSocket(.closedByPeer(code ?? .noStatusReceived, reason: reason))
        }
    }

    func fail(_ fault: WebSocketFault) {
        if let last = life.handshake.fail(fault) { sendClose(last) }
        leaveSocket(.failed(fault))
    }

    /// The last frame is out or on its way: the socket takes its leave, and the handler need not wait for it.
    private func leaveSocket(_ end: WebSocketEnd) {
        socket?.closeAfterFlush(timeout: limits.closeTimeout)
        tell(end)
    }

    func tell(_ end: WebSocketEnd) {
        guard let handler = life.handler, let channel else { return }
        life.handler = nil
        life.kept = HeldInput()
        life.handshake.transportEnded()
        self.channel = nil
        departure = nil
        cancelAlarm()
        lane.webSocketsOpen.add(-1)
        handler.ended(channel, end)
    }
}

extension WebSocketConnection: AlarmBearer {
    var loop: EventLoop { share.loop }

    var nextDue: UInt64 {
        life.closing?.due ?? life.heartbeat.nextDue(patience: limits.pongTimeout.wholeNanoseconds)
    }

    func alarmRang() {
        if let closing = life.closing { return abort(.closedHere(closing.code, answered: false)) }
        let interval = limits.pingInterval.wholeNanoseconds
        if life.isPaused {
            life.heartbeat.skip(at: loop.now, every: interval)
        } else {
            let patience = limits.pongTimeout.wholeNanoseconds
            switch life.heartbeat.beat(at: loop.now, every: interval, patience: patience) {
            case .wait: break
            case .ping: send(.ping, UnsafeRawBufferPointer(start: nil, count: 0))
            case .silent: return abort(.silent)
            }
        }
        setAlarm(at: nextDue)
    }

    private func abort(_ end: WebSocketEnd) {
        socket?.abort()
        tell(end)
    }
}
