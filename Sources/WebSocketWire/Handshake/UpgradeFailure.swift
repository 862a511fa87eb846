/// Why a client does not take a response for an upgrade (RFC 6455 §4.1).
package enum UpgradeFailure: Error, Equatable, Sendable {
    case notSwitching(status: Int)
    case notWebSocket
    case connectionNotUpgrade
    case wrongAccept
    case unofferedSubprotocol
    case unofferedExtension

    /// One sentence for whoever reads the client's log.
    package var sentence: String {
        switch self {
        case .notSwitching(let status): "The server answered \(status) and not 101."
        case .notWebSocket: "The server switched to something other than websocket."
        case .connectionNotUpgrade: "The response's Connection field does not name upgrade."
        case .wrongAccept: "Sec-WebSocket-Accept does not answer our key."
        case .unofferedSubprotocol: "The server chose a subprotocol we did not offer, or several."
        case .unofferedExtension: "The server chose an extension we did not offer."
        }
    }
}
