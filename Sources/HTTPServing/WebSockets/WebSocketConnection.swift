import EventLoops
import WebSocketWire

/// One WebSocket at work on its loop: frames in, frames out, pings, and the end.
final class WebSocketConnection: StreamSocketHandler {
    private var socket: StreamSocket?
    private let handler: any WebSocketHandler
    private let terms: WebSocketTerms
    private var channel: WebSocketChannel?
    private var decoder: FrameDecoder
    private var closing = CloseHandshake()
    /// Bytes read and not decoded, because reading is paused.
    private var held: [UInt8] = []
    private var isPaused = false
    private var isDecoding = false
    private var wasHeard = true
    private var awaitsPong = false
    private var timer: LoopTimer?
    private var end: WebSocketEnd?
    private var moving: Move?

    init(handler: any WebSocketHandler, terms: WebSocketTerms) {
        self.handler = handler
        self.terms = terms
        decoder = FrameDecoder(role: .server, maxMessageBytes: terms.limits.webSocketMessageBytes)
    }

    private init(_ luggage: Luggage) {
        handler = luggage.handler
        terms = luggage.terms
        decoder = luggage.decoder
        closing = luggage.closing
        held = luggage.held
    }

    /// Begins on a socket whose upgrade was answered; `rest` came behind the request.
    func open(on socket: StreamSocket, rest: UnsafeMutableRawBufferPointer) {
        settle(on: socket)
        terms.counters.webSocketsOpen.count()
        guard let channel else { return }
        handler.opened(channel)
        if !rest.isEmpty { received(rest, from: socket) }
    }

    private func settle(on socket: StreamSocket) {
        self.socket = socket
        channel = WebSocketChannel(self, peer: socket.peer, on: socket.loop)
        timer = socket.loop.schedule(after: terms.limits.pingInterval) { [weak self] in self?.tick() }
    }

    var isOpen: Bool { closing.maySend && socket?.isOpen == true }
    var pendingBytes: Int { socket?.pendingBytes ?? 0 }
}

/// What all WebSockets of a server share.
struct WebSocketTerms: Sendable {
    let limits: ServingLimits
    let counters: ServingCounters
}

// MARK: - In

extension WebSocketConnection {
    func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) {
        wasHeard = true
        guard !isPaused else { return held.append(contentsOf: bytes) }
        decode(bytes)
    }

    private func decode(_ input: UnsafeMutableRawBufferPointer) {
        var consumed = 0
        isDecoding = true
        do throws(WebSocketFault) {
            while !isPaused, let event = try decoder.next(input, consumed: &consumed) {
                if closing.heeds(event) { take(event, input) }
            }
        } catch {
            fail(error)
        }
        isDecoding = false
        if isPaused, consumed < input.count {
            held.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[consumed...]))
        }
        if moving != nil { moveNow() }
    }

    private func take(_ event: WebSocketEvent, _ input: UnsafeMutableRawBufferPointer) {
        guard let channel else { return }
        switch event {
        case .message(let kind, .slice(let range)):
            deliver(kind, UnsafeRawBufferPointer(rebasing: input[range]), channel)
        case .message(let kind, .assembled(let bytes)):
            bytes.withUnsafeBytes { deliver(kind, $0, channel) }
        case .ping(let payload):
            payload.withUnsafeBytes { send(.pong, $0) }
        case .pong:
            break
        case .close(let code, _):
            if let echo = closing.receive(code) { write(FrameEncoder.close(echo, maskKey: nil)) }
            closing.replyWritten()
            finish(.closed(closing.outcome?.rawValue ?? CloseCode.noStatusReceived.rawValue))
        }
    }

    private func deliver(_ kind: MessageKind, _ bytes: UnsafeRawBufferPointer, _ channel: WebSocketChannel) {
        terms.counters.framesIn.count()
        switch kind {
        case .text: handler.received(text: bytes, on: channel)
        case .binary: handler.received(binary: bytes, on: channel)
        }
    }

    func pause() {
        guard !isPaused else { return }
        isPaused = true
        socket?.pauseReading()
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        guard !isDecoding else { return resumeSocket() }
        var bytes = held
        held = []
        bytes.withUnsafeMutableBytes { decode($0) }
        resumeSocket()
    }

    private func resumeSocket() {
        if !isPaused { socket?.resumeReading() }
    }
}

// MARK: - Out

extension WebSocketConnection {
    func send(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) {
        guard closing.maySend, let socket else { return }
        writeHeader(opcode, length: payload.count, to: socket)
        socket.write(payload)
        terms.counters.framesOut.count()
    }

    func send(shared text: [UInt8]) {
        guard closing.maySend, let socket else { return }
        writeHeader(.text, length: text.count, to: socket)
        socket.write(shared: text)
        terms.counters.framesOut.count()
    }

    private func writeHeader(_ opcode: Opcode, length: Int, to socket: StreamSocket) {
        withUnsafeTemporaryAllocation(byteCount: FrameHeader.maxEncodedSize, alignment: 1) { header in
            let size = FrameEncoder.writeHeader(into: header, opcode: opcode, length: length)
            socket.write(UnsafeRawBufferPointer(rebasing: header[..<size]))
        }
    }

    private func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { socket?.write($0) }
    }

    func drained(_ socket: StreamSocket) {
        guard let channel, end == nil else { return }
        handler.drained(channel)
    }
}

// MARK: - Life and end

extension WebSocketConnection {
    /// Pings a quiet peer; one that stays quiet after that is gone.
    private func tick() {
        guard let socket, end == nil else { return }
        if awaitsPong, !wasHeard, !isPaused {
            end = .silent
            return socket.abort()
        }
        awaitsPong = !wasHeard || !isPaused
        wasHeard = false
        if closing.maySend { send(.ping, UnsafeRawBufferPointer(start: nil, count: 0)) }
        timer = socket.loop.schedule(after: awaitsPong ? terms.limits.pongTimeout : terms.limits.pingInterval) {
            [weak self] in self?.tick()
        }
    }

    func close(_ code: UInt16, _ reason: String) {
        guard let frame = closing.begin(CloseCode(rawValue: code), reason: reason), let socket else { return }
        write(FrameEncoder.close(frame, maskKey: nil))
        if isPaused { resume() }
        timer?.cancel()
        timer = socket.loop.schedule(after: terms.limits.closeTimeout) { [weak self] in
            self?.finish(.closed(CloseCode.abnormalClosure.rawValue))
        }
    }

    private func fail(_ fault: WebSocketFault) {
        if let frame = closing.fail(fault) { write(FrameEncoder.close(frame, maskKey: nil)) }
        finish(.fault(fault.sentence))
    }

    /// What is pending still goes out; then the socket ends.
    private func finish(_ end: WebSocketEnd) {
        guard self.end == nil else { return }
        self.end = end
        timer?.cancel()
        socket?.closeAfterFlush(timeout: terms.limits.closeTimeout)
    }

    func ended(_ socket: StreamSocket, _ socketEnd: SocketEnd) {
        timer?.cancel()
        closing.transportEnded()
        terms.counters.webSocketsOpen.count(-1)
        terms.counters.connectionsOpen.count(-1)
        self.socket = nil
        guard let channel else { return }
        self.channel = nil
        handler.ended(channel, end ?? .closed(CloseCode.abnormalClosure.rawValue))
    }
}

// MARK: - Moving

extension WebSocketConnection {
    /// What a WebSocket takes along to another loop beside its socket.
    private struct Luggage: Sendable {
        let handler: any WebSocketHandler
        let terms: WebSocketTerms
        let decoder: FrameDecoder
        let closing: CloseHandshake
        let held: [UInt8]
    }

    private struct Move {
        let target: EventLoop
        /// Whether its handler wants to read on at once.
        let resumes: Bool
        let then: @Sendable (WebSocketChannel) -> Void
    }

    func move(to target: EventLoop, then: @escaping @Sendable (WebSocketChannel) -> Void) {
        guard let channel, let socket, end == nil else { return }
        guard target !== socket.loop else { return then(channel) }
        moving = Move(target: target, resumes: !isPaused, then: then)
        pause()
        if !isDecoding { moveNow() }
    }

    private func moveNow() {
        guard let move = moving, let detached = socket?.detach() else { return }
        moving = nil
        timer?.cancel()
        let left = channel
        channel = nil
        socket = nil
        let luggage = Luggage(
            handler: handler, terms: terms, decoder: decoder, closing: closing, held: held)
        move.target.execute {
            let connection = WebSocketConnection(luggage)
            do throws(LoopFault) {
                connection.settle(on: try StreamSocket.attach(detached, to: move.target, handler: connection))
                connection.pause()
                if let channel = connection.channel { move.then(channel) }
                if move.resumes { connection.resume() }
            } catch {
                luggage.terms.counters.webSocketsOpen.count(-1)
                luggage.terms.counters.connectionsOpen.count(-1)
                if let left { luggage.handler.ended(left, .closed(CloseCode.abnormalClosure.rawValue)) }
            }
        }
    }
}
