import Foundation

/// Sockets to and from ports of this machine.
enum Loopback {
    /// Not handed down to child processes: one that is started while a port is tried would hold it for its life.
    static func socket() -> Int32 {
        Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    /// Calls `bind` or `connect` with the address of a port.
    static func at(_ port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Whether somebody takes connections there.
    static func answers(_ port: UInt16) -> Bool {
        let descriptor = socket()
        defer { close(descriptor) }
        return at(port) { connect(descriptor, $0, $1) } == 0
    }

    /// A port that nobody has, below the range that outgoing connections are given theirs from.
    static func freePort() -> UInt16 {
        while true {
            let port = UInt16.random(in: 11_000..<32_000)
            let descriptor = socket()
            defer { close(descriptor) }
            if at(port, { bind(descriptor, $0, $1) }) == 0 { return port }
        }
    }
}
