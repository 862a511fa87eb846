import EventLoops
import HTTPWire

/// What a server has on one loop: the connections that live there, and what they share. Touched on that loop only.
final class LoopShare {
    let server: HTTPServer
    let loop: EventLoop
    let lane: ServingLane
    /// Where heads and chunks are put together before they go to a socket.
    var scratch: [UInt8] = []

    private var sockets: [ObjectIdentifier: StreamSocket] = [:]
    private var dateSecond = Int.min
    private var dateText = ""

    init(of server: HTTPServer, on loop: EventLoop) {
        self.server = server
        self.loop = loop
        lane = server.counters.openLane()
    }

    var limits: ServingLimits { server.limits }

    /// The Date field, made once a second.
    var date: String {
        let second = server.clock()
        if second != dateSecond {
            dateSecond = second
            dateText = HTTPDate.text(secondsSinceEpoch: second)
        }
        return dateText
    }

    /// Takes note of a socket until it ends or leaves; one that comes after the server was closed ends at once.
    func admit(_ socket: StreamSocket) {
        sockets[ObjectIdentifier(socket)] = socket
        lane.connectionsOpen.add(1)
        if server.isClosed { socket.abort() }
    }

    func release(_ socket: StreamSocket) {
        guard sockets.removeValue(forKey: ObjectIdentifier(socket)) != nil else { return }
        lane.connectionsOpen.add(-1)
    }

    func abortAll() {
        for socket in sockets.values { socket.abort() }
    }

    /// Sends what `fill` puts into the scratch buffer, which keeps its storage unless that has become large.
    func write(to socket: StreamSocket, _ fill: (inout [UInt8]) -> Void) {
        fill(&scratch)
        scratch.withUnsafeBytes { socket.write($0) }
        lane.bytesOut.add(scratch.count)
        scratch.removeAll(keepingCapacity: scratch.capacity <= 64 << 10)
    }

    func write(shared bytes: [UInt8], to socket: StreamSocket) {
        socket.write(shared: bytes)
        lane.bytesOut.add(bytes.count)
    }
}
