import EventLoops
import HTTPWire
import WebSocketWire

/// A WebSocket as a client has it, on one loop: upgrade, masked frames out, messages in, pongs, the closing.
final class ClientSocket: StreamSocketHandler {
    enum Event: Sendable {
        case opened
        case text([UInt8])
        /// The last one, once.
        case ended(ClientFault)
    }

    private enum Stage {
        case upgrading, open, ended
    }

    private let settings: ClientSettings
    private let hear: (Event) -> Void
    private let key: String
    private var socket: StreamSocket?
    private var stage = Stage.upgrading
    private var responses = HTTPResponseDecoder()
    private var frames: FrameDecoder
    private var closing = CloseHandshake()
    private var closeReason = ""
    private var fault: ClientFault?
    private var random = SystemRandomNumberGenerator()

    init(_ settings: ClientSettings, hear: @escaping (Event) -> Void) {
        self.settings = settings
        self.hear = hear
        var random = SystemRandomNumberGenerator()
        key = WebSocketHandshake.makeKey(using: &random)
        frames = FrameDecoder(role: .client, maxMessageBytes: settings.maxMessageBytes)
    }

    func connect(on loop: EventLoop) throws(LoopFault) {
        socket = try StreamSocket.connect(
            to: settings.address, on: loop, handler: self, timeout: settings.connectTimeout)
    }

    func opened(_ socket: StreamSocket) {
        var request = "GET \(settings.path) HTTP/1.1\r\nHost: \(settings.host)\r\n"
        for (name, value) in WebSocketHandshake.requestFields(key: key) { request += "\(name): \(value)\r\n" }
        Array((request + "\r\n").utf8).withUnsafeBytes { socket.write($0) }
    }

    func received(_ bytes: UnsafeMutableRawBufferPointer, from socket: StreamSocket) {
        var consumed = 0
        if stage == .upgrading { upgrade(UnsafeRawBufferPointer(bytes), &consumed) }
        if stage == .open { decode(bytes, &consumed) }
    }

    private func upgrade(_ bytes: UnsafeRawBufferPointer, _ consumed: inout Int) {
        do {
            while case .head(let head)? = try responses.next(bytes, consumed: &consumed) {
                if head.status.isInterim, head.status != .switchingProtocols { continue }
                _ = try WebSocketHandshake.confirm(status: head.status.code, key: key) { head.fields.all($0) }
                stage = .open
                return hear(.opened)
            }
        } catch let failure as UpgradeFailure {
            fail(.cannotConnect(failure.sentence))
        } catch {
            fail(.cannotConnect("the answer is no HTTP: \(error)"))
        }
    }

    private func decode(_ bytes: UnsafeMutableRawBufferPointer, _ consumed: inout Int) {
        do throws(WebSocketFault) {
            while stage == .open, let event = try frames.next(bytes, consumed: &consumed) {
                if closing.heeds(event) { take(event, bytes) }
            }
        } catch {
            if let frame = closing.fail(error) { write(FrameEncoder.close(frame, maskKey: random.next())) }
            fail(.protocolViolation(error.sentence))
        }
    }

    private func take(_ event: WebSocketEvent, _ bytes: UnsafeMutableRawBufferPointer) {
        switch event {
        case .message(_, .slice(let range)): hear(.text(Array(bytes[range])))
        case .message(_, .assembled(let message)): hear(.text(message))
        case .ping(let payload): send(.pong, payload)
        case .pong: break
        case .close(let code, let reason):
            closeReason = reason
            if let echo = closing.receive(code) { write(FrameEncoder.close(echo, maskKey: random.next())) }
            socket?.closeAfterFlush()
        }
    }

    func send(_ opcode: Opcode, _ payload: [UInt8]) {
        guard stage == .open, closing.maySend else { return }
        var frame: [UInt8] = []
        FrameEncoder.appendFrame(opcode, payload: payload, maskKey: random.next(), to: &frame)
        write(frame)
    }

    private func write(_ bytes: [UInt8]) { socket?.write(shared: bytes) }

    func close() {
        if let frame = closing.begin(.normalClosure) { write(FrameEncoder.close(frame, maskKey: random.next())) }
        socket?.closeAfterFlush()
    }

    private func fail(_ fault: ClientFault) {
        self.fault = self.fault ?? fault
        socket?.closeAfterFlush()
    }

    func ended(_ socket: StreamSocket, _ end: SocketEnd) {
        let wasUpgrading = stage == .upgrading
        stage = .ended
        self.socket = nil
        closing.transportEnded()
        let code = closing.outcome?.rawValue ?? CloseCode.abnormalClosure.rawValue
        let plain: ClientFault =
            wasUpgrading
            ? .cannotConnect("\(settings.host): \(end)") : .closed(code: code, reason: closeReason)
        hear(.ended(fault ?? plain))
    }
}
