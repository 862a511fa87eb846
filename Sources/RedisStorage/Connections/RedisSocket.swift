import Dispatch
import Glibc

/// One TCP connection, over TLS if asked, on its queue; nothing here waits.
///
///     looking up → connecting → (shaking hands →) open → closed
final class RedisSocket {
    private let endpoint: RedisEndpoint
    private let settings: RedisSettings
    private let isSecure: Bool
    private let queue: DispatchQueue
    private var addresses: ArraySlice<SocketAddress> = []
    private var descriptor: OpenDescriptor?
    private var reading: (any DispatchSourceRead)?
    private var writing: (any DispatchSourceWrite)?
    private var isWritingSuspended = false
    private var isConnected = false
    private var isClosed = false
    private var isFlushDue = false
    private var tls: TLSSession?
    /// Given to us and not yet sealed or sent.
    private var plain: [UInt8] = []
    private var leaving: [UInt8] = []
    private var left = 0
    private let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    private let opened = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    var onOpen: () -> Void = {}
    var onBytes: (UnsafeRawBufferPointer) throws(RedisFault) -> Void = {
        (_: UnsafeRawBufferPointer) throws(RedisFault) in
    }
    var onEnd: (RedisFault) -> Void = { _ in }

    init(to endpoint: RedisEndpoint, isSecure: Bool, settings: RedisSettings, queue: DispatchQueue) {
        (self.endpoint, self.isSecure, self.settings, self.queue) = (endpoint, isSecure, settings, queue)
    }

    deinit {
        cancelSources()
        chunk.deallocate()
        opened.deallocate()
    }

    func connect() {
        let answer: (Result<[SocketAddress], RedisFault>) -> Void = { [weak self] result in
            guard let self, !isClosed else { return }
            switch result {
            case .success(let found):
                addresses = found[...]
                connectToNext(orFailWith: "it has no address")
            case .failure(let fault): end(fault)
            }
        }
        NameLookup.find(endpoint, for: Confined(answer, to: queue))
    }

    /// Sends after everything sent before, together with all that this turn of the queue still brings.
    func send(_ bytes: [UInt8]) {
        plain += bytes
        guard !isFlushDue else { return }
        isFlushDue = true
        Confined(self, to: queue).submit { socket in
            socket.isFlushDue = false
            socket.flush()
        }
    }

    func close() {
        isClosed = true
        cancelSources()
    }

    private func end(_ fault: RedisFault) {
        guard !isClosed else { return }
        close()
        onEnd(fault)
    }
}

// MARK: - Connecting

extension RedisSocket {
    private func connectToNext(orFailWith reason: String) {
        guard let address = addresses.popFirst() else { return end(.unreachable(endpoint, reason: reason)) }
        let number = socket(
            address.family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return connectToNext(orFailWith: Self.text(of: errno)) }
        descriptor = OpenDescriptor(number)
        var one: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        let result = address.bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map {
                Glibc.connect(number, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            } ?? -1
        }
        guard result == 0 || errno == EINPROGRESS else {
            let reason = Self.text(of: errno)
            cancelSources()
            return connectToNext(orFailWith: reason)
        }
        watchWriting(number)
    }

    private func watchWriting(_ number: Int32) {
        let source = DispatchSource.makeWriteSource(fileDescriptor: number, queue: queue)
        source.setEventHandler { [weak self] in self?.becameWritable() }
        source.setCancelHandler { [descriptor] in withExtendedLifetime(descriptor) {} }
        writing = source
        isWritingSuspended = false
        source.activate()
    }

    private func watchReading(_ number: Int32) {
        let source = DispatchSource.makeReadSource(fileDescriptor: number, queue: queue)
        source.setEventHandler { [weak self] in self?.becameReadable() }
        source.setCancelHandler { [descriptor] in withExtendedLifetime(descriptor) {} }
        reading = source
        source.activate()
    }

    /// A descriptor may be closed only when no source watches it any more, and a suspended source is never told.
    private func cancelSources() {
        if isWritingSuspended { writing?.resume() }
        isWritingSuspended = false
        writing?.cancel()
        reading?.cancel()
        (writing, reading, descriptor) = (nil, nil, nil)
    }

    private func becameWritable() {
        guard let number = descriptor?.number else { return }
        guard !isConnected else { return flush() }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(number, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else {
            cancelSources()
            return connectToNext(orFailWith: Self.text(of: code))
        }
        isConnected = true
        watchReading(number)
        do throws(RedisFault) {
            if isSecure {
                let tls = try TLSSession(
                    endpoint: endpoint, name: settings.serverName ?? endpoint.host, caFile: settings.caFile)
                self.tls = tls
                try tls.shakeHands()
            } else {
                onOpen()
            }
        } catch { return end(error) }
        flush()
    }

    private static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}

// MARK: - Bytes

extension RedisSocket {
    private func flush() {
        guard isConnected, !isClosed else { return }
        do throws(RedisFault) { try seal() } catch { return end(error) }
        while left < leaving.count, let number = descriptor?.number {
            let count = leaving.withUnsafeBytes { bytes in
                Glibc.send(number, bytes.baseAddress.map { $0 + left }, bytes.count - left, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                left += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                return end(.hungUp(endpoint))
            }
        }
        if left == leaving.count {
            (leaving, left) = ([], 0)
        } else if left > 1 << 20 {
            leaving.removeFirst(left)
            left = 0
        }
        watch(isWaiting: !leaving.isEmpty)
    }

    private func seal() throws(RedisFault) {
        if let tls {
            if tls.isOpen, !plain.isEmpty {
                let bytes = plain
                plain = []
                // A closure with typed throws cannot pass through withUnsafeBytes of this standard library.
                let result = bytes.withUnsafeBytes { bytes in Result { () throws(RedisFault) in try tls.seal(bytes) } }
                try result.get()
            }
            leaving += tls.takeSealed()
        } else if leaving.isEmpty {
            swap(&leaving, &plain)
        } else {
            leaving += plain
            plain = []
        }
    }

    private func watch(isWaiting: Bool) {
        guard isWaiting == isWritingSuspended else { return }
        if isWaiting { writing?.resume() } else { writing?.suspend() }
        isWritingSuspended = !isWaiting
    }

    private func becameReadable() {
        for _ in 0..<16 {
            guard let number = descriptor?.number else { return }
            let count = recv(number, chunk.baseAddress, chunk.count, 0)
            if count > 0 {
                let bytes = UnsafeRawBufferPointer(rebasing: chunk[..<count])
                do throws(RedisFault) { try received(bytes) } catch { return end(error) }
                if count < chunk.count { return }
            } else if count == 0 {
                return end(
                    tls.map { !$0.isOpen } == true
                        ? .insecure(endpoint, reason: "the server ended the handshake") : .hungUp(endpoint))
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                return end(.hungUp(endpoint))
            }
        }
    }

    private func received(_ bytes: UnsafeRawBufferPointer) throws(RedisFault) {
        guard let tls else { return try onBytes(bytes) }
        tls.receive(bytes)
        if !tls.isOpen {
            try tls.shakeHands()
            if tls.isOpen { onOpen() }
        }
        while tls.isOpen, let count = try tls.read(into: opened) {
            try onBytes(UnsafeRawBufferPointer(rebasing: opened[..<count]))
        }
        flush()
    }
}

/// A descriptor that is closed with its last holder.
private final class OpenDescriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { _ = close(number) }
}
