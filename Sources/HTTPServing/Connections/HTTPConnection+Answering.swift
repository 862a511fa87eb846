import EventLoops
import HTTPWire
import Logging

extension HTTPConnection {
    /// Runs a handler as a task of its own; its answer comes back to the loop.
    func run(_ handler: @escaping Router.Handler, _ request: Request) {
        let here = LoopBound(self, on: loop)
        let logger = share.server.logger
        task = Task { await HTTPConnection.serve(request, by: handler, here, logger) }
    }

    private static func serve(
        _ request: Request, by handler: Router.Handler, _ connection: LoopBound<HTTPConnection>, _ logger: Logger
    ) async {
        do {
            let response = try await handler(request)
            connection.execute { $0.answer(response) }
        } catch {
            let response = response(to: error, of: request, logger)
            connection.execute { $0.answer(response) }
        }
    }

    private static func response(to error: any Error, of request: Request, _ logger: Logger) -> Response {
        if let error = error as? any AnswerableError { return error.response }
        // If the peer has left, nobody is there to be answered, and the error says no more than that.
        if !Task.isCancelled {
            logger.error("A request handler failed.", metadata: ["why": "\(error)", "peer": "\(request.peer)"])
        }
        return .error(.internalServerError, "Internal Server Error")
    }

    /// Answers the request under way.
    func answer(_ response: Response) {
        if phase == .body { return answerEarly(response) }
        guard phase == .handling, socket != nil else { return }
        task = nil
        switch response.body {
        case .bytes(let bytes):
            send(response, bytes)
            complete()
        case .stream(let produce): beginStream(response, .chunked, produce)
        case .sized(let length, let produce): beginStream(response, .length(length), produce)
        }
    }

    /// Answers what is wrong with the connection or the request, and ends the connection.
    func refuse(_ status: HTTPStatus, _ sentence: String) {
        guard let socket else { return }
        share.server.logger.debug(
            "A request was refused.",
            metadata: ["status": "\(status.code)", "why": "\(sentence)", "peer": "\(socket.peer)"])
        closes = true
        let response = Response.error(status, sentence)
        if case .bytes(let bytes) = response.body { send(response, bytes) }
        complete()
    }

    private func send(_ response: Response, _ bytes: [UInt8]) {
        let framing = sendHead(response, .length(bytes.count))
        guard let socket, framing != .none, exchange?.head.method != .head else { return }
        share.write(shared: bytes, to: socket)
    }

    /// Writes a head and tells how the body has to be framed.
    func sendHead(_ response: Response, _ body: HTTPBodyFraming) -> HTTPBodyFraming {
        guard let socket else { return .none }
        let head = exchange?.head
        closes = closes || head?.keepAlive == false || !share.server.isAccepting
        var framing = body
        let fields = head.map { share.server.origins.fields(response.fields, for: $0) } ?? response.fields
        share.write(to: socket) {
            framing = HTTPResponseEncoder.appendHead(
                response.status, fields, body: body, keepAlive: !closes, peer: head?.version ?? .http11,
                date: share.date, to: &$0)
        }
        if framing == .untilClose { closes = true }
        return framing
    }

    /// The response is written: on to the next request, once the peer has read enough.
    func complete() {
        guard let socket else { return }
        exchange?.incoming?.end(.failure(.refused))
        exchange = nil
        task = nil
        if closes { return finish(socket) }
        guard socket.pendingBytes > limits.outputBytes else { return awaitRequest() }
        phase = .congested
        watchProgress()
    }

    /// Closing has one time limit for all that is unsent, so that comes down first, for as long as anything moves.
    private func finish(_ socket: StreamSocket) {
        phase = .finishing
        held = HeldInput()
        socket.resumeReading()
        guard socket.pendingBytes > socket.lowWater else {
            clearAlarm()
            return socket.closeAfterFlush(timeout: limits.bodyTimeout)
        }
        watchProgress()
    }
}
