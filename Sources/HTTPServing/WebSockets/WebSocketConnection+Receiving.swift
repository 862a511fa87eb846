import EventLoops
import WebSocketWire

extension WebSocketConnection {
    /// Delivers what the input holds, and keeps what must not be delivered now.
    func take(_ input: UnsafeMutableRawBufferPointer) {
        let used = deliver(input)
        if used < input.count { life.kept.append(input[used...]) }
        afterDelivery()
    }

    func pauseReading() {
        guard life.handshake.maySend, let socket else { return }
        life.isPaused = true
        if !isDelivering { socket.pauseReading() }
    }

    func resumeReading() {
        guard life.isPaused, let socket, let channel else { return }
        life.isPaused = false
        life.heartbeat.skip(at: loop.now, every: limits.pingInterval.wholeNanoseconds)
        if isDelivering { return }
        if life.kept.isEmpty { return socket.resumeReading() }
        // Not from inside this call, which may come from anywhere.
        loop.execute { channel.deliverKept() }
    }

    func deliverKept() {
        guard socket != nil, !isDelivering, !life.kept.isEmpty else { return }
        var kept = life.kept.take()
        kept.offer { deliver($0) }
        life.kept = kept
        afterDelivery()
    }

    /// Begins to deliver on a new loop: first what was kept, then what comes.
    func goOn() { life.kept.isEmpty ? afterDelivery() : deliverKept() }

    /// Decodes and delivers until the input is used up or the handler has had enough; tells how much is used.
    private func deliver(_ input: UnsafeMutableRawBufferPointer) -> Int {
        guard let handler = life.handler, let channel else { return input.count }
        var used = 0
        var frames = 0
        isDelivering = true
        do throws(WebSocketFault) {
            while isFlowing, let event = try life.decoder.next(input, consumed: &used) {
                frames &+= 1
                heed(event, in: input, handler, channel)
            }
        } catch {
            fail(error)
        }
        isDelivering = false
        lane.framesIn.add(frames)
        return life.handler == nil ? input.count : used
    }

    private var isFlowing: Bool { !life.isPaused && departure == nil && life.handler != nil }

    private func afterDelivery() {
        if departure != nil { return depart() }
        guard let socket else { return }
        if life.isPaused || !life.kept.isEmpty {
            socket.pauseReading()
        } else {
            socket.resumeReading()
        }
    }

    private func heed(
        _ event: WebSocketEvent, in input: UnsafeMutableRawBufferPointer, _ handler: any WebSocketHandler,
        _ channel: WebSocketChannel
    ) {
        guard life.handshake.heeds(event) else { return }
        switch event {
        case .message(let kind, .slice(let range)):
            pass(kind, UnsafeRawBufferPointer(rebasing: input[range]), handler, channel)
        case .message(let kind, .assembled(let bytes)): bytes.withUnsafeBytes { pass(kind, $0, handler, channel) }
        case .ping(let payload): answer(ping: payload)
        case .pong: break
        case .close(let code, let reason): peerCloses(code, reason)
        }
    }

    private func pass(
        _ kind: MessageKind, _ bytes: UnsafeRawBufferPointer, _ handler: any WebSocketHandler,
        _ channel: WebSocketChannel
    ) {
        switch kind {
        case .text: handler.received(text: bytes, on: channel)
        case .binary: handler.received(binary: bytes, on: channel)
        }
    }
}
