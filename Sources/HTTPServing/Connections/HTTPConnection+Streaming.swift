import EventLoops
import HTTPWire

extension HTTPConnection {
    typealias StreamBody = @Sendable (ResponseWriter) async throws -> Void

    func beginStream(_ response: Response, _ body: HTTPBodyFraming, _ produce: @escaping StreamBody) {
        let framing = sendHead(response, body)
        guard framing != .none, exchange?.head.method != .head else { return complete() }
        exchange?.stream = framing
        if case .length(let length) = framing { exchange?.unwritten = length }
        let here = LoopBound(self, on: loop)
        let number = exchangeNumber
        let logger = share.server.logger
        task = Task {
            do {
                try await produce(ResponseWriter(connection: here, exchange: number))
                here.execute { $0.endStream(number) }
            } catch {
                if !(error is StreamFault), !Task.isCancelled {
                    logger.error("A streamed response failed.", metadata: ["why": "\(error)"])
                }
                here.execute { $0.cutStream(number) }
            }
        }
    }

    private func isStreaming(_ number: Int) -> HTTPBodyFraming? {
        phase == .handling && number == exchangeNumber ? exchange?.stream : nil
    }

    /// Takes bytes of a streamed body; `continuation` goes on when the peer has room for more.
    func stream(
        _ bytes: [UInt8], of number: Int, _ continuation: CheckedContinuation<Result<Void, StreamFault>, Never>
    ) {
        guard let socket, socket.isOpen else { return continuation.resume(returning: .failure(.peerGone)) }
        guard let framing = isStreaming(number) else { return continuation.resume(returning: .failure(.responseOver)) }
        if let unwritten = exchange?.unwritten {
            guard bytes.count <= unwritten else { return continuation.resume(returning: .failure(.responseOver)) }
            exchange?.unwritten = unwritten - bytes.count
        }
        if framing == .chunked {
            var chunk: [UInt8] = []
            chunk.reserveCapacity(bytes.count + 20)
            HTTPResponseEncoder.appendChunk(bytes, to: &chunk)
            share.write(shared: chunk, to: socket)
        } else {
            share.write(shared: bytes, to: socket)
        }
        guard socket.pendingBytes > limits.outputBytes else { return continuation.resume(returning: .success(())) }
        if writers.isEmpty { watchProgress() }
        writers.append(continuation)
    }

    func resumeWriters(_ result: Result<Void, StreamFault>) {
        if writers.isEmpty { return }
        clearAlarm()
        let waiting = writers
        writers = []
        for writer in waiting { writer.resume(returning: result) }
    }

    private func endStream(_ number: Int) {
        guard let framing = isStreaming(number), let socket else { return }
        // Fewer bytes than were promised: only the end of the connection says so.
        if let unwritten = exchange?.unwritten, unwritten > 0 { return cutStream(number) }
        if framing == .chunked { share.write(to: socket) { HTTPResponseEncoder.appendEnd(to: &$0) } }
        resumeWriters(.failure(.responseOver))
        complete()
    }

    /// A reset, for an orderly end would look like the end of a body that only the close ends.
    private func cutStream(_ number: Int) {
        guard isStreaming(number) != nil else { return }
        socket?.abort()
    }
}
