import EventLoops
import HTTPWire
import WebSocketWire

extension HTTPConnection {
    enum Judgement {
        case exchange(Verdict)
        case upgrade(any WebSocketHandler, HTTPFields)
    }

    /// Whoever names websocket gets one or hears why not; all else is the router's.
    func judge(_ head: HTTPRequestHead) -> Judgement {
        guard let socket, head.fields.contains(token: "websocket", in: "upgrade") else {
            return .exchange(share.server.router.verdict(on: head))
        }
        // Its body would be read as the first frames.
        if head.body.hasBody {
            return .exchange(.answer(.error(.badRequest, "A request to open a WebSocket has no body.")))
        }
        do throws(UpgradeRefusal) {
            let version = head.version == .http11 ? (major: 1, minor: 1) : (major: 1, minor: 0)
            let request = try WebSocketHandshake.accept(method: head.method.name, httpVersion: version) {
                head.fields.all($0)
            }
            switch share.server.webSocket(head, socket.peer) {
            case .refuse(let response): return .exchange(.answer(response))
            case .accept(let handler, let subprotocol):
                return .upgrade(handler, HTTPFields(request.responseFields(subprotocol: subprotocol)))
            }
        } catch {
            return .exchange(.answer(error.response))
        }
    }

    /// Answers 101 and hands the socket over, with whatever came behind the head.
    func upgrade(to handler: any WebSocketHandler, _ fields: HTTPFields, _ rest: UnsafeMutableRawBufferPointer) {
        guard let socket else { return }
        share.write(to: socket) {
            HTTPResponseEncoder.appendHead(
                .switchingProtocols, fields, body: .none, keepAlive: true, date: "", to: &$0)
        }
        retire()
        WebSocketConnection.open(socket, for: handler, on: share, rest)
    }
}

extension HTTPFields {
    fileprivate init(_ fields: [(name: String, value: String)]) {
        self.init()
        for field in fields { append(field.name, field.value) }
    }
}

extension UpgradeRefusal {
    fileprivate var response: Response {
        var response = Response.error(HTTPStatus(code: status) ?? .badRequest, sentence)
        for field in fields { response.fields.append(field.name, field.value) }
        return response
    }
}
