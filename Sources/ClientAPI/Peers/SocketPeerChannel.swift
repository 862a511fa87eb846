import HTTPServing
import RoomService
import WireMessages

/// A room's view of a WebSocket.
final class SocketPeerChannel: PeerChannel {
    private let channel: WebSocketChannel

    init(_ channel: WebSocketChannel) { self.channel = channel }

    var pendingBytes: Int { channel.pendingBytes }
    func offer(_ text: UnsafeRawBufferPointer) { channel.send(text: text) }
    func offer(shared text: [UInt8]) { channel.send(shared: text) }
    func pauseReading() { channel.pauseReading() }
    func resumeReading() { channel.resumeReading() }
    func close(_ reason: PeerClose) { channel.close(reason) }
}

extension WebSocketChannel {
    func close(_ reason: PeerClose) { close(code: reason.code, reason: reason.reason) }
}
