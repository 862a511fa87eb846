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
        port = Loopback.freePort()
        try open()
    }

    deinit { shut() }

    func open() throws {
        let listener = Loopback.socket()
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        // The thread of a door that was just shut lets go of the port a moment later.
        let deadline = Date(timeIntervalSinceNow: 5)
        while Loopback.at(port, { bind(listener, $0, $1) }) != 0 {
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
        let server = Loopback.socket()
        guard Loopback.at(target.withLock({ $0 }), { connect(server, $0, $1) }) == 0 else {
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
