import EventLoops
import Glibc
import HTTPServing
import Logging

/// Sends every WebSocket message back, on the server's own stack: for benchmarks and conformance suites.
///
///     EchoServer PORT [LOOPS]
@main
struct EchoServer {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let group = try EventLoopGroup.start(count: arguments.dropFirst().first ?? 1, label: "echo")
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let server = HTTPServer(
            router: Router(), webSocket: { _, _ in .accept(Echo()) }, limits: ServingLimits(),
            counters: ServingCounters(), clock: { time(nil) }, logger: Logger(label: "echo"))
        let address = try server.start(
            on: group, address: SocketAddress("127.0.0.1:\(arguments.first ?? 0)"),
            connectionLimits: ConnectionLimits(total: 1_000_000, perAddress: 1_000_000))
        write("ready \(address.port)\n")
        await group.stopped()
    }

    private static func write(_ text: String) {
        Array(text.utf8).withUnsafeBytes { _ = Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}

private final class Echo: WebSocketHandler {
    func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel) { channel.send(text: text) }
    func received(binary: UnsafeRawBufferPointer, on channel: WebSocketChannel) { channel.send(binary: binary) }
    func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd) {}
}
