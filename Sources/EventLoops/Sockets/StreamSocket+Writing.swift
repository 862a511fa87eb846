import Glibc

extension StreamSocket {
    /// Shared buffers shorter than this are copied: joining them to their neighbours is cheaper than a piece each.
    private static let sharedMinimum = 2048
    /// System calls one flush may make before the others of the turn have theirs.
    private static let sendsPerTurn = 4

    /// Sends a copy of `bytes` at the end of this turn, together with the turn's other writes. Never waits and never
    /// refuses: the caller bounds ``pendingBytes``. After the end of the socket it does nothing.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        assert(loop.isCurrent)
        guard takesOutput, bytes.count > 0 else { return }
        output.append(bytes)
        outputGrew()
    }

    /// Sends copies of two runs of bytes, a header and what it is for, as one.
    package func write(_ header: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) {
        assert(loop.isCurrent)
        guard takesOutput, header.count + bytes.count > 0 else { return }
        output.append(header, bytes)
        outputGrew()
    }

    /// Sends `bytes` without copying them, unless they are few: one buffer may wait in thousands of sockets.
    package func write(shared bytes: [UInt8]) {
        guard bytes.count >= Self.sharedMinimum else { return bytes.withUnsafeBytes { write($0) } }
        assert(loop.isCurrent)
        guard takesOutput else { return }
        output.append(shared: bytes)
        outputGrew()
    }

    /// Continues with what was pending where the socket came from.
    func adopt(_ pieces: [OutputPiece]) {
        if pieces.isEmpty { return }
        output.append(pieces)
        outputGrew()
    }

    private var takesOutput: Bool { isOpen && !flags.contains(.writeFailed) }

    private var output: PendingOutput {
        if let pending { return pending }
        let output = loop.spareOutputs.popLast() ?? PendingOutput()
        pending = output
        return output
    }

    func outputGrew() {
        if pendingBytes > lowWater { flags.insert(.aboveLowWater) }
        if state == .open, !flags.contains(.blocked) { flushLater() }
    }

    func flushLater() {
        guard !flags.contains(.unsent) else { return }
        flags.insert(.unsent)
        loop.unsent.append(self)
    }

    /// Offers the pending output to the kernel until it is gone or refused; the loop calls it at the turn's end.
    func flush() {
        flags.remove(.unsent)
        guard let pending, descriptor >= 0, state != .connecting, !flags.contains(.blocked) else { return }
        for _ in 0..<Self.sendsPerTurn where pending.byteCount > 0 && !flags.contains(.blocked) {
            guard transmit(pending) else { return outputFailed(errno) }
        }
        if pending.byteCount == 0 {
            releaseOutput()
        } else if !flags.contains(.blocked) {
            flushLater()
        }
        outputFell()
    }

    /// One system call; false on failure, with `errno` set. Taken short, it waits for the writable edge.
    private func transmit(_ output: PendingOutput) -> Bool {
        let (offered, taken) = output.send(to: descriptor, loop.iovecs)
        if taken >= 0 {
            output.advance(taken)
            if taken < offered { flags.insert(.blocked) }
            return true
        }
        if errno == EAGAIN { flags.insert(.blocked) }
        return errno == EAGAIN || errno == EINTR
    }

    private func outputFell() {
        switch state {
        case .closing where pending == nil: finishSending()
        case .open where flags.contains(.aboveLowWater) && pendingBytes <= lowWater:
            flags.remove(.aboveLowWater)
            handler?.drained(self)
        default: break
        }
    }

    /// The peer takes no more, but what it sent before may still lie unread: the reading side tells the end.
    private func outputFailed(_ code: Int32) {
        releaseOutput()
        if state == .open { end = StreamSocket.end(for: code) }
        guard state == .open, !flags.contains(.paused) else { return finish(StreamSocket.end(for: code)) }
        flags.formUnion([.writeFailed, .hungUp])
        readLater()
    }

    func releaseOutput() {
        guard let pending else { return }
        self.pending = nil
        guard loop.spareOutputs.count < 256 else { return }
        pending.clear()
        loop.spareOutputs.append(pending)
    }
}
