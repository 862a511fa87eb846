import EventLoops
import HTTPWire
import WebSocketWire

/// One connection's life in HTTP/1.1: requests one after the other, until it closes or becomes a WebSocket.
///
///     reading ──whole request──▶ answering ──answered──▶ reading …
///        └──upgrade──▶ WebSocketConnection takes the socket over
final class HTTPConnection: StreamSocketHandler {
    private enum State {
        case reading, answering, closed
    }

    private let terms: HTTPTerms
    private var socket: StreamSocket?
    private var bound: LoopBound<HTTPConnection>?
    private var decoder: HTTPRequestDecoder
    private var state = State.reading
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    /// Pipelined bytes that wait until the request before them is answered.
    private var held: [UInt8] = []
    private var timer: LoopTimer?
    private var task: Task<Void, Never>?
    private var streamFraming: HTTPBodyFraming?
    private var waitingWriter: CheckedContinuation<Result<Void, StreamFault>, Never>?

    init(_ terms: HTTPTerms) {
        self.terms = terms
        decoder = HTTPRequestDecoder(limits: terms.limits.http)
    }

    func open(_ detached: DetachedSocket, on loop: EventLoop) {
        guard let socket = try? StreamSocket.attach(detached, to: loop, handler: self) else { return }
        terms.counters.connectionsAccepted.count()
        terms.counters.connectionsOpen.count()
        self.socket = socket
        bound = LoopBound(self, on: loop)
        wait(terms.limits.headTimeout)
    }

    func ended(_ socket: StreamSocket, _ end: SocketEnd) {
        terms.counters.connectionsOpen.count(-1)
        state = .closed
        timer?.cancel()
        task?.cancel()
        waitingWriter?.resume(returning: .failure(.peerGone))
        waitingWriter = nil
        self.socket = nil
        bound = nil
    }
}

// MARK: - Reading

extension HTTPConnection {
    func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) {
        switch state {
        case .reading: decode(bytes)
        case .answering: hold(UnsafeRawBufferPointer(bytes))
        case .closed: break
        }
    }

    private func hold(_ bytes: UnsafeRawBufferPointer) {
        held.append(contentsOf: bytes)
        if held.count > terms.limits.pipelineBytes { socket?.pauseReading() }
    }

    private func decode(_ bytes: UnsafeMutableRawBufferPointer) {
        let input = UnsafeRawBufferPointer(bytes)
        var consumed = 0
        if decoder.isBetweenRequests, !input.isEmpty { wait(terms.limits.headTimeout) }
        do throws(HTTPFault) {
            while state == .reading, let event = try decoder.next(input, consumed: &consumed) {
                switch event {
                case .head(let head):
                    if head.isUpgrade(to: "websocket") {
                        return upgrade(head, rest: UnsafeMutableRawBufferPointer(rebasing: bytes[consumed...]))
                    }
                    begin(head)
                case .body(let range):
                    body.append(contentsOf: UnsafeRawBufferPointer(rebasing: input[range]))
                    wait(terms.limits.bodyTimeout)
                case .end:
                    answer()
                }
            }
        } catch {
            return close(with: .error(error.status, error.sentence))
        }
        if state == .answering, consumed < input.count {
            hold(UnsafeRawBufferPointer(rebasing: input[consumed...]))
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        self.head = head
        body = []
        wait(terms.limits.bodyTimeout)
        guard head.expectsContinue else { return }
        var bytes: [UInt8] = []
        HTTPResponseEncoder.appendHead(
            .continue, HTTPFields(), body: .none, keepAlive: true, date: terms.date(), to: &bytes)
        write(bytes)
    }

    /// One timer per connection: it is set anew by every step forward.
    private func wait(_ duration: Duration) {
        timer?.cancel()
        timer = socket?.loop.schedule(after: duration) { [weak self] in self?.timedOut() }
    }

    private func timedOut() {
        guard state == .reading else { return }
        if decoder.isBetweenRequests {
            state = .closed
            socket?.closeAfterFlush()
        } else {
            close(with: .error(.requestTimeout, "The request did not arrive in time"))
        }
    }
}

// MARK: - Answering

extension HTTPConnection {
    private func answer() {
        guard let head, let socket, let bound else { return }
        state = .answering
        timer?.cancel()
        terms.counters.requests.count()
        var request = Request(head: head, body: body, peer: socket.peer, jsonDepth: terms.limits.jsonDepth)
        body = []
        switch terms.router.match(head.method, head.path) {
        case .notFound:
            respond(.error(.notFound, "Not Found"))
        case .methodNotAllowed(let allowed):
            var response = head.method == .options ? Response(.noContent) : .error(.methodNotAllowed, "Method Not Allowed")
            response.fields.set("Allow", allowed.joined(separator: ", "))
            respond(response)
        case .found(let handler, let parameters):
            request.parameters = parameters
            run(handler, request, bound)
        }
    }

    private func run(_ handler: @escaping Router.Handler, _ request: Request, _ bound: LoopBound<HTTPConnection>) {
        let logger = terms.logger
        task = Task {
            let response: Response
            do {
                response = try await handler(request)
            } catch RequestFault.badBody(let text) {
                response = .error(.badRequest, text)
            } catch {
                logger.error("a handler failed", metadata: ["route": "\(request.head.method)", "cause": "\(error)"])
                response = .error(.internalServerError, "Internal Server Error")
            }
            guard case .stream(let produce) = response.body else {
                return bound.execute { $0.respond(response) }
            }
            bound.execute { $0.beginStream(response) }
            do {
                if request.head.method != .head { try await produce(ResponseWriter(connection: bound)) }
                bound.execute { $0.endStream() }
            } catch {
                bound.execute { $0.socket?.abort() }
            }
        }
    }

    private func respond(_ response: Response) {
        guard state == .answering, let head, case .bytes(let content) = response.body else { return }
        var bytes: [UInt8] = []
        let framing = HTTPResponseEncoder.appendHead(
            response.status, response.fields, body: .length(content.count), keepAlive: head.keepAlive,
            peer: head.version, date: terms.date(), to: &bytes)
        if head.method != .head, framing.hasBody { bytes.append(contentsOf: content) }
        write(bytes)
        finish(keepAlive: head.keepAlive && framing != .untilClose)
    }

    private func finish(keepAlive: Bool) {
        task = nil
        head = nil
        guard keepAlive, let socket else {
            state = .closed
            socket?.closeAfterFlush()
            return
        }
        state = .reading
        wait(terms.limits.keepAliveIdle)
        guard !held.isEmpty else { return }
        var bytes = held
        held = []
        bytes.withUnsafeMutableBytes { decode($0) }
        if held.count <= terms.limits.pipelineBytes { socket.resumeReading() }
    }

    /// Answers and closes: after a fault nothing more of the peer can be trusted to begin where it seems to.
    private func close(with response: Response) {
        guard state == .reading, case .bytes(let content) = response.body else { return }
        var bytes: [UInt8] = []
        HTTPResponseEncoder.appendHead(
            response.status, response.fields, body: .length(content.count), keepAlive: false, date: terms.date(),
            to: &bytes)
        write(bytes + content)
        state = .closed
        timer?.cancel()
        socket?.closeAfterFlush()
    }

    private func write(_ bytes: [UInt8]) { socket?.write(shared: bytes) }
}

// MARK: - Streaming

extension HTTPConnection {
    private func beginStream(_ response: Response) {
        guard state == .answering, let head else { return }
        var bytes: [UInt8] = []
        streamFraming = HTTPResponseEncoder.appendHead(
            response.status, response.fields, body: .chunked, keepAlive: head.keepAlive, peer: head.version,
            date: terms.date(), to: &bytes)
        write(bytes)
    }

    func stream(_ bytes: [UInt8], then continuation: CheckedContinuation<Result<Void, StreamFault>, Never>) {
        guard state == .answering, let socket, let streamFraming else {
            return continuation.resume(returning: .failure(.peerGone))
        }
        if streamFraming == .chunked {
            var chunk: [UInt8] = []
            HTTPResponseEncoder.appendChunk(bytes, to: &chunk)
            write(chunk)
        } else {
            write(bytes)
        }
        guard socket.pendingBytes > terms.limits.outputBytes else { return continuation.resume(returning: .success(())) }
        waitingWriter = continuation
    }

    func drained(_ socket: StreamSocket) {
        waitingWriter?.resume(returning: .success(()))
        waitingWriter = nil
    }

    private func endStream() {
        guard state == .answering, let head, let framing = streamFraming else { return }
        streamFraming = nil
        if framing == .chunked, head.method != .head {
            var bytes: [UInt8] = []
            HTTPResponseEncoder.appendEnd(to: &bytes)
            write(bytes)
        }
        finish(keepAlive: head.keepAlive && framing == .chunked)
    }
}

// MARK: - Becoming a WebSocket

extension HTTPConnection {
    private func upgrade(_ head: HTTPRequestHead, rest: UnsafeMutableRawBufferPointer) {
        guard let socket else { return }
        let offer: UpgradeRequest
        do throws(UpgradeRefusal) {
            offer = try WebSocketHandshake.accept(
                method: head.method.name, httpVersion: head.version == .http11 ? (1, 1) : (1, 0)
            ) { head.fields.all($0) }
        } catch {
            return close(with: refusal(error))
        }
        switch terms.webSocket(head, socket.peer) {
        case .refuse(let response):
            close(with: response)
        case .accept(let handler, let subprotocol):
            timer?.cancel()
            var fields = HTTPFields()
            for (name, value) in offer.responseFields(subprotocol: subprotocol) { fields.append(name, value) }
            var bytes: [UInt8] = []
            HTTPResponseEncoder.appendHead(
                .switchingProtocols, fields, body: .none, keepAlive: true, date: terms.date(), to: &bytes)
            write(bytes)
            let connection = WebSocketConnection(
                handler: handler, terms: WebSocketTerms(limits: terms.limits, counters: terms.counters))
            socket.replaceHandler(connection)
            state = .closed
            self.socket = nil
            bound = nil
            connection.open(on: socket, rest: rest)
        }
    }

    private func refusal(_ refusal: UpgradeRefusal) -> Response {
        var response = Response.error(HTTPStatus(code: refusal.status) ?? .badRequest, refusal.sentence)
        for (name, value) in refusal.fields where name != "Connection" { response.fields.append(name, value) }
        return response
    }
}
