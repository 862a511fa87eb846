import EventLoops
import HTTPWire

extension HTTPConnection {
    /// Reads as far as requests are taken now, and tells how far that was.
    func read(_ input: UnsafeMutableRawBufferPointer) -> Int {
        var used = 0
        isReading = true
        do throws(HTTPFault) {
            while phase == .head || phase == .body,
                let event = try decoder.next(UnsafeRawBufferPointer(input), consumed: &used)
            {
                switch event {
                case .head(let head): beginExchange(head, input, &used)
                case .body(let range): take(UnsafeRawBufferPointer(rebasing: input[range]))
                case .end: dispatch()
                }
            }
        } catch {
            refuse(error.status, error.sentence)
        }
        isReading = false
        watchHead()
        return used
    }

    /// Keeps what cannot be read now; nothing is kept for a connection that reads no more.
    func hold(_ rest: Slice<UnsafeMutableRawBufferPointer>) {
        if !rest.isEmpty, phase == .handling || phase == .congested { held.append(rest) }
        balanceReading()
    }

    /// Waits for the next request, which may have come already.
    func awaitRequest() {
        phase = .head
        lastPending = socket?.pendingBytes ?? 0
        setAlarm(after: limits.keepAliveIdle)
        // The loop that is reading goes on by itself.
        if !isReading { readHeld() }
    }

    private func readHeld() {
        if !held.isEmpty {
            var input = held.take()
            input.offer { read($0) }
            if phase == .handling || phase == .congested { held = input }
        }
        balanceReading()
    }

    func balanceReading() {
        guard let socket else { return }
        if exchange?.incoming?.isFull == true { return socket.pauseReading() }
        if held.count > limits.pipelineBytes {
            socket.pauseReading()
        } else {
            socket.resumeReading()
        }
    }

    /// The time for a head runs from its first byte.
    private func watchHead() {
        guard phase == .head, !isHeadUnderWay, !decoder.isBetweenRequests else { return }
        isHeadUnderWay = true
        setAlarm(after: limits.headTimeout)
    }
}

extension HTTPConnection {
    private func beginExchange(_ head: HTTPRequestHead, _ input: UnsafeMutableRawBufferPointer, _ used: inout Int) {
        isHeadUnderWay = false
        share.lane.requests.add(1)
        switch judge(head) {
        case .upgrade(let handler, let fields):
            let rest = UnsafeMutableRawBufferPointer(rebasing: input[used...])
            used = input.count
            upgrade(to: handler, fields, rest)
        case .exchange(let verdict):
            exchangeNumber += 1
            exchange = Exchange(head: head, verdict: verdict)
            phase = .body
            expectBody(of: head, verdict)
        }
    }

    private func expectBody(of head: HTTPRequestHead, _ verdict: Verdict) {
        if case .receive(let handler, let parameters) = verdict { return beginReceiving(head, handler, parameters) }
        guard head.body.hasBody else { return }
        setAlarm(after: limits.bodyTimeout)
        if case .length(let length) = head.body, length > limits.bodyBytes { return refuseBody() }
        guard head.expectsContinue else { return }
        switch verdict {
        case .handle: sendContinue()
        // A client that waited for leave does not send the body now, or does: nobody can know where it would end.
        case .answer(let response):
            closes = true
            phase = .handling
            answer(response)
        case .receive: break
        }
    }

    func sendContinue() {
        guard let socket else { return }
        share.write(to: socket) {
            HTTPResponseEncoder.appendHead(.continue, HTTPFields(), body: .none, keepAlive: true, date: "", to: &$0)
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let exchange else { return }
        if let incoming = exchange.incoming { return receive(bytes, into: incoming) }
        guard bytes.count <= limits.bodyBytes - exchange.bodyCount else { return refuseBody() }
        setAlarm(after: limits.bodyTimeout)
        self.exchange?.bodyCount += bytes.count
        if case .handle = exchange.verdict { append(bytes) }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        exchange?.body.append(contentsOf: bytes)
    }

    private func refuseBody() {
        let fault = HTTPFault.bodyTooLarge
        refuse(fault.status, fault.sentence)
    }

    /// The request is whole.
    private func dispatch() {
        guard let exchange, let socket else { return }
        phase = .handling
        clearAlarm()
        if let incoming = exchange.incoming { return endReceiving(incoming) }
        switch exchange.verdict {
        case .answer(let response): answer(response)
        case .receive: break
        case .handle(let handler, let parameters):
            let request = Request(
                head: exchange.head, body: exchange.body, parameters: parameters, peer: socket.peer,
                jsonDepth: limits.jsonDepth)
            self.exchange?.body = []
            run(handler, request)
        }
    }
}
