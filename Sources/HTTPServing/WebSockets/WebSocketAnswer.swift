/// What becomes of a request to open a WebSocket.
package enum WebSocketAnswer: Sendable {
    /// Opens it; `subprotocol` is one the client offered, or nil.
    case accept(any WebSocketHandler, subprotocol: String? = nil)
    /// Answers as if it had been any other request.
    case refuse(Response)
}
