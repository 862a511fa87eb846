import EventLoops
import WebSocketWire

/// A frame from the server, which masks none.
struct Frame: Equatable {
    var opcode: Opcode
    var payload: [UInt8]
    var text: String { String(decoding: payload, as: UTF8.self) }
    /// Of a close frame.
    var code: UInt16? { payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1]) }
}

extension Peer {
    static let handshake = """
        GET /ws HTTP/1.1\r
        Host: here\r
        Upgrade: websocket\r
        Connection: keep-alive, Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \r\n
        """

    static func frame(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameEncoder.appendFrame(opcode, payload: payload, fin: fin, maskKey: 0x1234_5678, to: &bytes)
        return bytes
    }

    static func text(_ text: String) -> [UInt8] { frame(.text, Array(text.utf8)) }

    func send(frame opcode: Opcode, _ payload: [UInt8] = [], fin: Bool = true) async {
        await send(Self.frame(opcode, payload, fin: fin))
    }

    func frame() async -> Frame? {
        let bytes = await receive { bytes in
            bytes.withUnsafeBytes { raw in
                guard let header = try? FrameHeader.parse(raw) else { return nil }
                let end = header.encodedSize + header.payloadLength
                return raw.count >= end ? end : nil
            }
        }
        guard let header = bytes.withUnsafeBytes({ try? FrameHeader.parse($0) }) else { return nil }
        return Frame(opcode: header.opcode, payload: Array(bytes.dropFirst(header.encodedSize)))
    }
}
