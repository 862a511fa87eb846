import Foundation
import Synchronization
import Testing

/// A way to a port of this machine that can be shut: connections are cut and new ones refused until it is opened.
final class Door: Sendable {
    let port: UInt16
    private let target: Mutex<UInt16>
    private let state = Mutex((listener: Int32(-1), sockets: Set<Int32>()))

    init(to target: UInt16) throws {
        self.target = Mutex(target)
        port = FreePort.next()
        try open()
    }

    deinit { shut() }

    func open() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        // The thread of a door that was just shut lets go of the port a moment later.
        let deadline = Date(timeIntervalSinceNow: 5)
        while withLoopback(port, { bind(listener, $0, $1) }) != 0 {
            try #require(Date() < deadline, "port \(port) cannot be bound")
            usleep(10_000)
        }
        try #require(listen(listener, 128) == 0)
        state.withLock { $0.listener = listener }
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                guard let self else {
                    close(client)
                    continue
                }
                self.admit(client)
            }
            close(listener)
        }
    }

    /// Where those who come from now on are led to.
    func lead(to target: UInt16) { self.target.withLock { $0 = target } }

    private func admit(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard withLoopback(target.withLock({ $0 }), { connect(server, $0, $1) }) == 0 else {
            close(client)
            close(server)
            return
        }
        join(client, server)
    }

    func shut() {
        state.withLock { state in
            if state.listener >= 0 { shutdown(state.listener, Int32(SHUT_RDWR)) }
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
            state.listener = -1
        }
    }

    private func join(_ client: Int32, _ server: Int32) {
        state.withLock { $0.sockets.formUnion([client, server]) }
        let ends = Ends()
        for (from, to) in [(client, server), (server, client)] {
            Thread.detachNewThread { [weak self] in
                Self.pump(from, to)
                guard ends.isSecond() else { return }
                self?.state.withLock { $0.sockets.subtract([client, server]) }
                close(client)
                close(server)
            }
        }
    }

    private static func pump(_ from: Int32, _ to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            var sent = 0
            while sent < count {
                let step = buffer[sent..<count].withUnsafeBytes {
                    send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard step > 0 else { break }
                sent += step
            }
            guard sent == count else { break }
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    /// Both directions end; whoever is second cleans up.
    private final class Ends: Sendable {
        private let count = Mutex(0)

        func isSecond() -> Bool {
            count.withLock {
                $0 += 1
                return $0 == 2
            }
        }
    }
}

/// Ports below the range that outgoing connections are given theirs from.
enum FreePort {
    static func next() -> UInt16 {
        while true {
            let port = UInt16.random(in: 11_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            if withLoopback(port, { bind(descriptor, $0, $1) }) == 0 { return port }
        }
    }
}

private func withLoopback(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
