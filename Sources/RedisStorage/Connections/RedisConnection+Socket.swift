import CLinux
import Dispatch
import Glibc

extension RedisConnection {
    private static let readBytes = 128 << 10

    func establish(_ address: SocketAddress, usesTLS: Bool, caFile: String?) async throws(RedisFault) {
        tls = usesTLS ? try TLSChannel(host: endpoint.host, caFile: caFile) : nil
        guard let descriptor = Descriptor(family: address.family) else {
            throw .unreachable("no socket: \(systemText(errno))")
        }
        self.descriptor = descriptor
        let code = address.connect(descriptor.number)
        guard code == 0 || code == EINPROGRESS else { throw unreachable(code) }
        let result = await withCheckedContinuation { continuation in
            opening = continuation
            watch(descriptor)
        }
        try result.get()
    }

    private func unreachable(_ code: Int32) -> RedisFault {
        .unreachable("\(endpoint.host):\(endpoint.port): \(systemText(code))")
    }

    private func watch(_ descriptor: Descriptor) {
        let reading = DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: executor.queue)
        let writing = DispatchSource.makeWriteSource(fileDescriptor: descriptor.number, queue: executor.queue)
        // The number is not given back before both sources have let go of it.
        reading.setCancelHandler { withExtendedLifetime(descriptor) {} }
        writing.setCancelHandler { withExtendedLifetime(descriptor) {} }
        reading.setEventHandler { [weak self] in self?.assumeIsolated { $0.receive() } }
        writing.setEventHandler { [weak self] in self?.assumeIsolated { $0.becameWritable() } }
        let ticking = DispatchSource.makeTimerSource(queue: executor.queue)
        ticking.setEventHandler { [weak self] in self?.assumeIsolated { $0.tick() } }
        ticking.schedule(deadline: .now() + .milliseconds(250), repeating: .milliseconds(250))
        (self.reading, self.writing, self.ticking) = (reading, writing, ticking)
        ticking.activate()
        writing.activate()
        isWritingSuspended = false
    }

    func closeSocket() {
        // A suspended source may not be released, and one never activated not be cancelled.
        if isWritingSuspended { writing?.resume() }
        isWritingSuspended = false
        if case .some = reading {
            reading?.activate()
            reading?.cancel()
        }
        writing?.cancel()
        ticking?.cancel()
        (reading, writing, ticking, tls, descriptor) = (nil, nil, nil, nil, nil)
        (output, unsent) = ([], [])
    }

    private func becameWritable() {
        guard case .connecting = phase else { return write() }
        guard let descriptor else { return }
        let code = clinux_take_error(descriptor.number)
        guard code == 0 else { return finish(unreachable(code)) }
        reading?.activate()
        if let tls {
            phase = .securing
            do throws(RedisFault) { try tls.shakeHands() } catch { return finish(error) }
            tls.drain(into: &output)
        } else {
            becameOpen()
        }
        write()
    }

    private func becameOpen() {
        phase = .open
        lastHeard = .now
        opening?.resume(returning: .success(()))
        opening = nil
    }

    /// Encrypts what was formatted and writes what the kernel takes.
    func flush() {
        isFlushDue = false
        guard case .open = phase else { return }
        if let tls {
            do throws(RedisFault) { try tls.send(unsent[...]) } catch { return finish(error) }
            tls.drain(into: &output)
            unsent.removeAll(keepingCapacity: unsent.count <= 1 << 20)
        } else if output.isEmpty {
            swap(&output, &unsent)
        } else {
            output.append(contentsOf: unsent)
            unsent.removeAll(keepingCapacity: true)
        }
        write()
    }

    private func write() {
        guard let descriptor else { return }
        while outputHead < output.count {
            let count = output.withUnsafeBytes {
                clinux_send(descriptor.number, $0.baseAddress.map { $0 + outputHead }, $0.count - outputHead)
            }
            if count < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return finish(.lost(systemText(errno))) }
                return setWriting(true)
            }
            outputHead += count
        }
        output.removeAll(keepingCapacity: output.count <= 1 << 20)
        outputHead = 0
        setWriting(false)
    }

    private func setWriting(_ isWanted: Bool) {
        guard isWanted == isWritingSuspended else { return }
        if isWanted { writing?.resume() } else { writing?.suspend() }
        isWritingSuspended = !isWanted
    }

    private func receive() {
        guard let descriptor else { return }
        let bytes: [UInt8]
        switch Self.read(descriptor.number) {
        case .success(let read): bytes = read
        case .failure(let fault): return finish(fault)
        }
        guard !bytes.isEmpty else { return }
        lastHeard = .now
        do throws(RedisFault) { try hear(bytes) } catch { finish(error) }
    }

    private static func read(_ descriptor: Int32) -> Result<[UInt8], RedisFault> {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: readBytes) { buffer, initialized in
            count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            initialized = max(0, count)
        }
        if count == 0 { return .failure(.lost("Redis closed it")) }
        if count < 0, errno != EAGAIN, errno != EINTR { return .failure(.lost(systemText(errno))) }
        return .success(bytes)
    }

    private func hear(_ bytes: [UInt8]) throws(RedisFault) {
        var plain = bytes
        if let tls {
            plain = try tls.receive(bytes)
            tls.drain(into: &output)
            if tls.isOpen, case .securing = phase { becameOpen() }
            write()
        }
        guard !plain.isEmpty else { return }
        try reader.feed(plain)
        while let reply = try reader.next() {
            take(reply)
            // Whoever heard it may have ended the connection.
            if case .ended = phase { return }
        }
    }

    private func tick() {
        let now = ContinuousClock.now
        switch phase {
        case .connecting, .securing:
            if now >= openedBy { finish(.silent("connecting to \(endpoint.host):\(endpoint.port)")) }
        case .open:
            if let oldest = pending.first {
                let quiet = now - max(oldest.sentAt, lastHeard)
                if quiet > settings.silenceLimit { finish(.silent("for \(quiet.wholeMilliseconds) ms")) }
            } else if now - lastHeard >= settings.pingInterval {
                send(RedisCommand("PING")) { _ in }
            }
        case .ended: break
        }
    }
}
