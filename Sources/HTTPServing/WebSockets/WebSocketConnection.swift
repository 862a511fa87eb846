import EventLoops
import WebSocketWire

/// A WebSocket's end of a socket, on the socket's loop.
///
/// Idle, it costs this object, its channel, a timer and what the loop keeps of a socket: no buffers, no task.
/// Between a read and the frames it leads to nothing is allocated and no lock is taken.
final class WebSocketConnection {
    /// A move that waits for the delivery under way.
    typealias Departure = (loop: EventLoop, then: @Sendable (WebSocketChannel) -> Void)

    let share: LoopShare
    let lane: ServingLane
    // What the way of a message touches goes without the runtime's exclusivity checks, which took a tenth of its time:
    // only the decoder is ever lent out, and it calls nobody.
    @exclusivity(unchecked) var socket: StreamSocket?
    /// The channel holds the connection in turn, until the end or a move.
    @exclusivity(unchecked) var channel: WebSocketChannel?
    @exclusivity(unchecked) var life: WebSocketLife
    @exclusivity(unchecked) var departure: Departure?
    /// The handler is being called: what it asks for about reading and moving is seen to when it returns.
    @exclusivity(unchecked) var isDelivering = false
    var alarm = Alarm()

    init(_ life: WebSocketLife, on share: LoopShare) {
        self.life = life
        self.share = share
        lane = share.lane
    }

    /// Takes over a socket that has answered 101; `rest` came behind the request.
    static func open(
        _ socket: StreamSocket, for handler: any WebSocketHandler, on share: LoopShare,
        _ rest: UnsafeMutableRawBufferPointer
    ) {
        let life = WebSocketLife(handler, share.limits, lowWater: 16 << 10, at: share.loop.now)
        let connection = WebSocketConnection(life, on: share)
        let channel = connection.makeChannel(socket.peer)
        socket.replaceHandler(connection)
        connection.settle(socket)
        connection.calling { handler.opened(channel) }
        connection.take(rest)
    }

    func makeChannel(_ peer: SocketAddress) -> WebSocketChannel {
        let channel = WebSocketChannel(self, peer: peer)
        self.channel = channel
        return channel
    }

    /// Makes itself at home on the socket's loop.
    func settle(_ socket: StreamSocket) {
        self.socket = socket
        socket.lowWater = life.lowWater
        lane.webSocketsOpen.add(1)
        setAlarm(at: nextDue)
    }

    func calling(_ body: () -> Void) {
        isDelivering = true
        body()
        isDelivering = false
    }

    var limits: ServingLimits { share.limits }
    var isOpen: Bool { life.handshake.maySend && socket?.isOpen == true }
    var pendingBytes: Int { socket?.pendingBytes ?? 0 }

    var lowWater: Int {
        get { life.lowWater }
        set {
            life.lowWater = newValue
            socket?.lowWater = newValue
        }
    }
}

extension WebSocketConnection: StreamSocketHandler {
    func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) {
        lane.bytesIn.add(bytes.count)
        life.heartbeat.lastHeard = loop.now
        take(bytes)
    }

    func drained(_ socket: StreamSocket) {
        if let handler = life.handler, let channel { handler.drained(channel) }
    }

    func ended(_ socket: StreamSocket, _ end: SocketEnd) {
        share.release(socket)
        self.socket = nil
        tell(life.closing.map { .closedHere($0.code, answered: false) } ?? .lost(end))
    }
}
