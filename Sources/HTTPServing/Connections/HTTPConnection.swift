import EventLoops
import HTTPWire
import Logging

/// One connection while it speaks HTTP/1.1: requests are served one at a time, in the order they came.
///
/// ```
///  ┌─────────────────────────────────────────────┐
///  ▼                                             │ keep-alive
/// head ─► body ─► handling ─► (congested) ───────┤
///  │       │         │                           └─► finishing ─► over
///  │       └─────────┴── fault, slow, close ─────────────┘         ▲
///  └── upgrade: a WebSocketConnection takes the socket over ───────┘
/// handling    a task runs the handler, or writes a streamed body; input is held, up to a bound
/// congested   the peer has not read enough of what it was sent to be served again
/// finishing   the last response is on its way out; input is thrown away
/// ```
final class HTTPConnection {
    enum Phase {
        case head
        case body
        case handling
        case congested
        case finishing
        case over
    }

    let share: LoopShare
    var socket: StreamSocket?
    var phase = Phase.head
    var decoder: HTTPRequestDecoder
    var exchange: Exchange?
    /// Goes up with each request.
    var exchangeNumber = 0
    /// Whether the response under way is the last.
    var closes = false
    var held = HeldInput()
    var task: Task<Void, Never>?
    /// The writers of a streamed body that wait for the peer to read.
    var writers: [CheckedContinuation<Result<Void, StreamFault>, Never>] = []
    var isReading = false
    var isHeadUnderWay = false
    /// What was unsent when we last looked whether anything moves.
    var lastPending = 0
    var alarm = Alarm()

    private init(on share: LoopShare) {
        self.share = share
        decoder = HTTPRequestDecoder(limits: share.limits.http)
    }

    /// Takes an accepted socket into service. A TLS flavour would finish its handshake here, before the first head.
    static func begin(_ detached: DetachedSocket, on share: LoopShare) {
        let connection = HTTPConnection(on: share)
        do throws(LoopFault) {
            let socket = try StreamSocket.attach(detached, to: share.loop, handler: connection)
            connection.socket = socket
            socket.lowWater = share.limits.outputBytes / 2
            connection.setAlarm(after: share.limits.headTimeout)
            share.lane.connectionsAccepted.add(1)
            share.admit(socket)
        } catch {
            share.server.logger.debug("An accepted connection could not be served.", metadata: ["why": "\(error)"])
        }
    }

    var limits: ServingLimits { share.limits }
}

/// A request that is being read or answered.
struct Exchange {
    let head: HTTPRequestHead
    let verdict: Verdict
    var body: [UInt8] = []
    var bodyCount = 0
    /// How a streamed response is framed, while one is under way.
    var stream: HTTPBodyFraming?
    /// What is left to write of a streamed response of a known length.
    var unwritten: Int?
    /// The body of a request whose handler reads it as it comes.
    var incoming: IncomingBody?
    /// An answer that waits for the end of its request's body, and how much more of that is thrown away for it.
    var early: (response: Response, left: Int)?
}

extension HTTPConnection: StreamSocketHandler {
    func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) {
        share.lane.bytesIn.add(bytes.count)
        switch phase {
        case .head, .body:
            let used = read(bytes)
            hold(bytes[used...])
        case .handling, .congested: hold(bytes[...])
        case .finishing, .over: break
        }
    }

    func drained(_ socket: StreamSocket) {
        resumeWriters(.success(()))
        switch phase {
        case .congested: awaitRequest()
        case .finishing: socket.closeAfterFlush(timeout: limits.bodyTimeout)
        case .head, .body, .handling, .over: break
        }
    }

    /// The peer is gone: whoever works for it is told to stop.
    func ended(_ socket: StreamSocket, _ end: SocketEnd) {
        share.release(socket)
        retire()
        resumeWriters(.failure(.peerGone))
        task?.cancel()
        task = nil
    }

    /// Lets go of the socket, which is closed or another's.
    func retire() {
        phase = .over
        socket = nil
        exchange?.incoming?.end(.failure(.peerGone))
        exchange = nil
        held = HeldInput()
        cancelAlarm()
    }
}
