import EventLoops
import HTTPWire

/// Bodies that their handlers read as they come.
///
/// ```
/// head ─► handler runs ──next()──▶ bytes ──next()──▶ … ──▶ nil ─► its answer
///              │ the socket is read while at most `limit` bytes wait for the handler
///              └── answers early: the little that is left is thrown away, or else the connection ends
/// ```
extension HTTPConnection {
    func beginReceiving(
        _ head: HTTPRequestHead, _ handler: @escaping Router.BodyHandler, _ parameters: [String: String]
    ) {
        guard let socket else { return }
        let incoming = IncomingBody(
            limit: limits.outputBytes, awaitsContinue: head.expectsContinue && head.body.hasBody)
        exchange?.incoming = incoming
        if head.body.hasBody, !head.expectsContinue { setAlarm(after: limits.bodyTimeout) }
        let request = Request(
            head: head, parameters: parameters, peer: socket.peer, jsonDepth: limits.jsonDepth)
        let body = RequestBody(connection: LoopBound(self, on: loop), exchange: exchangeNumber)
        run({ request in try await handler(request, body) }, request)
    }

    func receive(_ bytes: UnsafeRawBufferPointer, into incoming: IncomingBody) {
        setAlarm(after: limits.bodyTimeout)
        if let early = exchange?.early {
            exchange?.early?.left = early.left - bytes.count
            if early.left < bytes.count { endEarly() }
            return
        }
        incoming.take(bytes)
        guard incoming.isFull else { return }
        // The time a disk takes is not the peer's.
        clearAlarm()
        socket?.pauseReading()
    }

    func endReceiving(_ incoming: IncomingBody) {
        incoming.end(.success(()))
        guard let early = exchange?.early else { return }
        exchange?.early = nil
        answer(early.response)
    }

    /// The handler wants more of the body.
    func pull(_ number: Int, _ continuation: CheckedContinuation<Result<[UInt8]?, BodyFault>, Never>) {
        guard number == exchangeNumber, let incoming = exchange?.incoming else {
            return continuation.resume(returning: .failure(.peerGone))
        }
        let wasFull = incoming.isFull
        incoming.give(to: continuation)
        guard phase == .body else { return }
        if incoming.awaitsContinue {
            incoming.awaitsContinue = false
            sendContinue()
            setAlarm(after: limits.bodyTimeout)
        }
        guard wasFull, !incoming.isFull else { return }
        setAlarm(after: limits.bodyTimeout)
        balanceReading()
    }

    /// The answer is there before the body: a peer that still sends would not read it, so what is left is taken and
    /// thrown away, if it is little; a peer that waits for leave to send gets none.
    func answerEarly(_ response: Response) {
        guard let incoming = exchange?.incoming else { return }
        if incoming.awaitsContinue {
            closes = true
            return endEarly(with: response)
        }
        incoming.end(.failure(.refused))
        exchange?.early = (response, limits.bodyBytes)
        setAlarm(after: limits.bodyTimeout)
        balanceReading()
    }

    private func endEarly() {
        guard let early = exchange?.early else { return }
        closes = true
        endEarly(with: early.response)
    }

    private func endEarly(with response: Response) {
        exchange?.early = nil
        phase = .handling
        answer(response)
    }
}

/// What has come of a body and was not asked for yet. Touched on its connection's loop only.
final class IncomingBody {
    private let limit: Int
    var awaitsContinue: Bool
    private var waiting: [UInt8] = []
    private var outcome: Result<Void, BodyFault>?
    private var reader: CheckedContinuation<Result<[UInt8]?, BodyFault>, Never>?

    init(limit: Int, awaitsContinue: Bool) {
        self.limit = limit
        self.awaitsContinue = awaitsContinue
    }

    var isFull: Bool { waiting.count >= limit }

    func take(_ bytes: UnsafeRawBufferPointer) {
        guard outcome == nil else { return }
        waiting.append(contentsOf: bytes)
        handOver()
    }

    func end(_ outcome: Result<Void, BodyFault>) {
        if self.outcome == nil { self.outcome = outcome }
        if case .failure = outcome { waiting = [] }
        handOver()
    }

    /// One reader at a time: a second one takes the place of the first, which is told so.
    func give(to reader: CheckedContinuation<Result<[UInt8]?, BodyFault>, Never>) {
        self.reader?.resume(returning: .failure(.refused))
        self.reader = reader
        handOver()
    }

    private func handOver() {
        guard let reader else { return }
        if !waiting.isEmpty {
            let bytes = waiting
            waiting = []
            self.reader = nil
            reader.resume(returning: .success(bytes))
        } else if let outcome {
            self.reader = nil
            reader.resume(returning: outcome.map { nil })
        }
    }
}
