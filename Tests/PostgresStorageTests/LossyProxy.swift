import Glibc
import Synchronization
import Testing

/// Stands between a record and the server, and can cut answers off: what was asked is done, and nobody hears of it.
///
/// Each direction of a connection has a thread of its own, which ends with the connection.
final class LossyProxy: Sendable {
    private struct Pair { let client: Int32, server: Int32 }

    let port: Int
    private let listener: Int32
    private let serverPort: Int
    private let open = Mutex<[Pair]>([])
    private let deaf = Mutex<Set<Int32>>([])
    let refuses = Mutex(false)

    init(to serverPort: Int) throws {
        self.serverPort = serverPort
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try #require(withSockaddr(&address) { bind(listener, $0, length) } == 0)
        try #require(listen(listener, 64) == 0)
        try #require(withSockaddr(&address) { getsockname(listener, $0, &length) } == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        startThread { [self] in accept() }
    }

    /// Keeps back what the server says from now on, and ends the connections a moment later.
    func cut(after milliseconds: UInt32 = 30) {
        let pairs = open.withLock { $0 }
        deaf.withLock { $0.formUnion(pairs.map(\.server)) }
        usleep(milliseconds * 1_000)
        for pair in pairs { shutdown(pair.client, Int32(SHUT_RDWR)) }
    }

    func close() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = loopback(UInt16(serverPort))
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard !refuses.withLock({ $0 }), withSockaddr(&address, { connect(server, $0, length) }) == 0 else {
                Glibc.close(client)
                Glibc.close(server)
                continue
            }
            open.withLock { $0.append(Pair(client: client, server: server)) }
            startThread { [self] in pump(from: client, to: server) }
            startThread { [self] in
                pump(from: server, to: client)
                open.withLock { $0.removeAll { $0.client == client } }
                _ = deaf.withLock { $0.remove(server) }
                Glibc.close(client)
                Glibc.close(server)
            }
        }
    }

    private func pump(from source: Int32, to target: Int32) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &bytes, bytes.count)
            guard count > 0 else { break }
            if deaf.withLock({ $0.contains(source) }) { continue }
            var sent = 0
            while sent < count {
                let more = bytes.withUnsafeBytes { buffer in
                    send(target, buffer.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { break }
                sent += more
            }
        }
        shutdown(target, Int32(SHUT_WR))
    }
}

private func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

private func withSockaddr<Answer>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Answer
) -> Answer {
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body)).toOpaque()
    pthread_create(
        &thread, nil,
        { argument in
            if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, work)
    pthread_detach(thread)
}
