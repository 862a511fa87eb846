import EventLoops
import Glibc
import HTTPServing
import HTTPWire
import Logging
import Synchronization
import Testing

/// Tests over real sockets. One after the other, for some of them count the process's descriptors.
@Suite(.serialized, .timeLimit(.minutes(1))) enum ServingTests {}

/// A running server with a loop of its own for its peers.
struct ServerUnderTest {
    let group: EventLoopGroup
    let clients: EventLoop
    let server: HTTPServer
    let address: SocketAddress
    let log: Journal<String>

    init(limits: ServingLimits = ServingLimits(), _ routes: (inout Router) -> Void) throws {
        var router = Router()
        routes(&router)
        try self.init(limits: limits, router: router) { _ in .refuse(.error(.forbidden, "No.")) }
    }

    init(
        loops: Int = 1, limits: ServingLimits = ServingLimits(), router: Router = Router(),
        origins: AllowedOrigins = AllowedOrigins(),
        webSocket: @escaping @Sendable (HTTPRequestHead) -> WebSocketAnswer
    ) throws {
        let log = Journal<String>()
        let logger = Logger(label: "test") { _ in JournalLog(journal: log) }
        group = try EventLoopGroup.start(count: loops, tick: .milliseconds(1))
        clients = try EventLoop.start(label: "clients", tick: .milliseconds(1))
        server = HTTPServer(
            router: router, webSocket: { head, _ in webSocket(head) }, limits: limits, origins: origins,
            logger: logger, clock: { 784_111_777 })
        let bound = try server.start(
            on: group, addresses: [SocketAddress("127.0.0.1:0")],
            connectionLimits: ConnectionLimits(total: .max, perAddress: .max))
        address = try #require(bound.first)
        self.log = log
    }

    func peer(isDeaf: Bool = false) -> Peer { Peer(address, on: clients, isDeaf: isDeaf) }

    /// A peer with its WebSocket open.
    func webSocket(isDeaf: Bool = false) async throws -> Peer {
        let peer = peer()
        await peer.send(Peer.handshake)
        let reply = await peer.reply(hasBody: false)
        try #require(reply.status == 101)
        return peer
    }

    func stop() async {
        server.close()
        clients.stop()
        await clients.stopped()
        group.stop()
        await group.stopped()
    }
}

/// A log whose errors and warnings a test can read.
private struct JournalLog: LogHandler {
    let journal: Journal<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { journal.add(event.message.description) }
}

/// A handler that does what the test says.
final class Script: WebSocketHandler {
    private let whenOpened: @Sendable (WebSocketChannel) -> Void
    private let whenText: @Sendable (String, WebSocketChannel) -> Void
    private let whenDrained: @Sendable (WebSocketChannel) -> Void
    let ends = Journal<WebSocketEnd>()

    init(
        opened: @escaping @Sendable (WebSocketChannel) -> Void = { _ in },
        drained: @escaping @Sendable (WebSocketChannel) -> Void = { _ in },
        text: @escaping @Sendable (String, WebSocketChannel) -> Void
    ) {
        whenOpened = opened
        whenText = text
        whenDrained = drained
    }

    convenience init(opened: @escaping @Sendable (WebSocketChannel) -> Void = { _ in }) {
        self.init(opened: opened) { _, _ in }
    }

    func opened(_ channel: WebSocketChannel) { whenOpened(channel) }
    func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel) {
        whenText(String(decoding: text, as: UTF8.self), channel)
    }
    func drained(_ channel: WebSocketChannel) { whenDrained(channel) }
    func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd) {
        #expect(channel.loop.isCurrent)
        #expect(!channel.isOpen)
        ends.add(end)
    }
}

/// Sends everything back.
final class Echo: WebSocketHandler {
    let ends = Journal<WebSocketEnd>()
    func received(text: UnsafeRawBufferPointer, on channel: WebSocketChannel) { channel.send(text: text) }
    func received(binary: UnsafeRawBufferPointer, on channel: WebSocketChannel) { channel.send(binary: binary) }
    func ended(_ channel: WebSocketChannel, _ end: WebSocketEnd) { ends.add(end) }
}

extension WebSocketChannel {
    func send(_ text: String) { Array(text.utf8).withUnsafeBytes { send(text: $0) } }
}

extension EventLoop {
    /// Runs `body` on the loop and brings its result.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in execute { continuation.resume(returning: body()) } }
    }
}

func openDescriptors() -> Set<Int32> {
    guard let directory = opendir("/proc/self/fd") else { return [] }
    defer { closedir(directory) }
    var found: Set<Int32> = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let number = Int32(name), number != dirfd(directory) { found.insert(number) }
    }
    return found
}
