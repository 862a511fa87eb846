import EventLoops
import WebSocketWire

extension WebSocketConnection {
    /// Unsent bytes beyond which pings go unanswered: a peer that only asks must not fill our memory.
    private static let pongBound = 64 << 10

    func send(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) {
        guard life.handshake.maySend, let socket else { return }
        withHeader(opcode, payload.count) { socket.write($0, payload) }
    }

    func send(_ opcode: Opcode, shared payload: [UInt8]) {
        guard life.handshake.maySend, let socket else { return }
        withHeader(opcode, payload.count) { socket.write($0) }
        socket.write(shared: payload)
    }

    @inline(__always)
    private func withHeader(_ opcode: Opcode, _ length: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: FrameHeader.maxEncodedSize, alignment: 8) { header in
            let size = FrameEncoder.writeHeader(into: header, opcode: opcode, length: length)
            body(UnsafeRawBufferPointer(rebasing: header[..<size]))
            lane.framesOut.add(1)
            lane.bytesOut.add(size &+ length)
        }
    }

    /// Only the newest ping needs an answer (RFC 6455 §5.5.3), and whoever reads too little will ask again.
    func answer(ping payload: [UInt8]) {
        guard pendingBytes <= Self.pongBound else { return }
        payload.withUnsafeBytes { send(.pong, $0) }
    }

    func sendClose(_ frame: CloseFrame) {
        guard let socket else { return }
        share.write(to: socket) { $0 += FrameEncoder.close(frame) }
        lane.framesOut.add(1)
    }
}
