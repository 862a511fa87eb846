import EventLoops
import Synchronization

/// The other end of a connection: raw bytes out, and in.
final class Peer: Sendable {
    private struct Inbound {
        var bytes: [UInt8] = []
        var end: SocketEnd?
        var waiting: (isEnough: @Sendable ([UInt8]) -> Int?, CheckedContinuation<[UInt8], Never>)?
    }

    /// Runs on the client's loop only, but for what stands behind the lock.
    private final class Ear: StreamSocketHandler {
        let peer: Peer
        let isDeaf: Bool
        init(_ peer: Peer, isDeaf: Bool) { (self.peer, self.isDeaf) = (peer, isDeaf) }
        func opened(_ socket: StreamSocket) { if isDeaf { socket.pauseReading() } }
        func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) { peer.heard(Array(bytes)) }
        func ended(_ socket: StreamSocket, _ end: SocketEnd) { peer.heard([], end) }
    }

    let loop: EventLoop
    private let socket = Promise<LoopBound<StreamSocket>>()
    private let inbound = Mutex(Inbound())

    /// `isDeaf`: reads nothing before ``listen()``.
    init(_ address: SocketAddress, on loop: EventLoop, isDeaf: Bool = false) {
        self.loop = loop
        loop.execute {
            do throws(LoopFault) {
                let socket = try StreamSocket.connect(to: address, on: loop, handler: Ear(self, isDeaf: isDeaf))
                self.socket.keep(LoopBound(socket, on: loop))
            } catch {
                self.heard([], .error(0))
            }
        }
    }

    func send(_ bytes: [UInt8]) async {
        await socket.value.execute { socket in bytes.withUnsafeBytes { socket.write($0) } }
    }

    func send(_ text: String) async { await send(Array(text.utf8)) }

    func stopListening() async {
        let socket = await socket.value
        await loop.run { socket.value.pauseReading() }
    }
    func listen() async { await socket.value.execute { $0.resumeReading() } }
    func hangUp() async { await socket.value.execute { $0.abort() } }
    func finish() async { await socket.value.execute { $0.closeAfterFlush() } }

    /// What has come and was not taken yet.
    var heardSoFar: [UInt8] { inbound.withLock(\.bytes) }
    var end: SocketEnd? { inbound.withLock(\.end) }

    /// As many bytes as `isEnough` says, once it says so; all there are if the connection ends before.
    func receive(until isEnough: @escaping @Sendable ([UInt8]) -> Int?) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            let ready: [UInt8]? = inbound.withLock { inbound in
                if let bytes = Self.take(&inbound, isEnough) { return bytes }
                inbound.waiting = (isEnough, continuation)
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    func receive(_ count: Int) async -> [UInt8] { await receive { $0.count >= count ? count : nil } }
    func receiveToEnd() async -> String { String(decoding: await receive { _ in nil }, as: UTF8.self) }

    private func heard(_ bytes: [UInt8], _ end: SocketEnd? = nil) {
        let ready: (CheckedContinuation<[UInt8], Never>, [UInt8])? = inbound.withLock { inbound in
            inbound.bytes += bytes
            inbound.end = inbound.end ?? end
            guard let (isEnough, continuation) = inbound.waiting, let taken = Self.take(&inbound, isEnough) else {
                return nil
            }
            inbound.waiting = nil
            return (continuation, taken)
        }
        if let (continuation, taken) = ready { continuation.resume(returning: taken) }
    }

    private static func take(_ inbound: inout Inbound, _ isEnough: ([UInt8]) -> Int?) -> [UInt8]? {
        guard let count = isEnough(inbound.bytes) ?? (inbound.end == nil ? nil : inbound.bytes.count) else {
            return nil
        }
        defer { inbound.bytes.removeFirst(count) }
        return Array(inbound.bytes.prefix(count))
    }
}
