import EventLoops
import Glibc
import Testing

/// A plain socket that waits for the kernel; what no loop helps with.
final class BlockingClient {
    private let descriptor: Int32

    /// Made first, connected later: `connect` needs no descriptor of its own.
    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
    }

    convenience init(_ address: SocketAddress) throws {
        try self.init()
        #expect(connect(to: address))
    }

    deinit { close(descriptor) }

    func connect(to address: SocketAddress) -> Bool {
        var kernel = sockaddr_in()
        kernel.sin_family = sa_family_t(AF_INET)
        kernel.sin_port = address.port.bigEndian
        kernel.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafeBytes(of: &kernel) { raw in
            raw.withMemoryRebound(to: sockaddr.self) { Glibc.connect(descriptor, $0.baseAddress, 16) == 0 }
        }
    }

    func send(_ bytes: [UInt8]) { #expect(Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count) }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func receiveToEnd() -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { all += buffer[..<count] }
        return all
    }
}
