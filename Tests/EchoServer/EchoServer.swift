import EventLoops
import Glibc
import HTTPServing
import HTTPWire
import Logging

/// Sends every WebSocket message back, on any path: `EchoServer PORT [LOOPS]`. For conformance suites and measurements.
@main struct EchoServer {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard let first = arguments.first, let port = UInt16(exactly: first) else {
            print("usage: EchoServer PORT [LOOPS]")
            exit(2)
        }
        let count = arguments.count > 1 ? max(1, arguments[1]) : EventLoopGroup.onlineCores
        let group = try EventLoopGroup.start(count: count)
        var router = Router()
        router.on(.get, "/") { _ in .text("Send WebSocket messages here.\n") }
        var limits = ServingLimits()
        limits.webSocketMessageBytes = 64 << 20
        let server = HTTPServer(
            router: router, webSocket: { _, _ in .accept(Echo()) }, limits: limits, logger: Logger(label: "echo"))
        let everyone = ConnectionLimits(total: .max, perAddress: .max)
        let bound = try server.start(
            on: group, addresses: [SocketAddress("127.0.0.1:\(port)")], connectionLimits: everyone)
        print("ready \(bound.first?.port ?? port)")
        fflush(nil)
        await group.stopped()
    }
}

final class Echo: WebSocketHandler {
    func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel) { channel.send(text: text) }
    func received(binary: UnsafeRawBufferPointer, on channel: WebSocketChannel) { channel.send(binary: binary) }
    func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd) {}
}
