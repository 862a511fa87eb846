/// Why a server does not upgrade a request, and what it answers instead (RFC 6455 §4.2).
package enum UpgradeRefusal: Error, Equatable, Sendable {
    case notGet
    case httpTooOld
    case notWebSocket
    case connectionNotUpgrade
    case unsupportedVersion
    case missingKey
    case repeatedKey
    case invalidKey
    case invalidSubprotocol
    case repeatedSubprotocol
    case tooManyOffers(limit: Int)

    /// The HTTP status of the answer.
    package var status: Int {
        switch self {
        case .notGet: 405
        case .notWebSocket, .unsupportedVersion: 426
        case .httpTooOld, .connectionNotUpgrade, .missingKey, .repeatedKey, .invalidKey, .invalidSubprotocol,
            .repeatedSubprotocol, .tooManyOffers:
            400
        }
    }

    /// The fields that the status calls for: what is allowed instead (RFC 9110 §15.5.6, §15.5.22; RFC 6455 §4.4).
    package var fields: [(name: String, value: String)] {
        switch self {
        case .notGet: [("Allow", "GET")]
        case .notWebSocket, .unsupportedVersion:
            [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")]
        case .httpTooOld, .connectionNotUpgrade, .missingKey, .repeatedKey, .invalidKey, .invalidSubprotocol,
            .repeatedSubprotocol, .tooManyOffers:
            []
        }
    }

    /// One sentence for the client's developer.
    package var sentence: String {
        switch self {
        case .notGet: "A WebSocket is opened with GET."
        case .httpTooOld: "A WebSocket is opened over HTTP/1.1."
        case .notWebSocket: "The Upgrade field must name websocket."
        case .connectionNotUpgrade: "The Connection field must name upgrade."
        case .unsupportedVersion: "Sec-WebSocket-Version must be 13."
        case .missingKey: "Sec-WebSocket-Key is missing."
        case .repeatedKey: "Sec-WebSocket-Key must appear once."
        case .invalidKey: "Sec-WebSocket-Key must be 16 bytes in base 64."
        case .invalidSubprotocol: "A subprotocol must be a token."
        case .repeatedSubprotocol: "A subprotocol must be offered once."
        case .tooManyOffers(let limit): "At most \(limit) subprotocols and as many extension fields may be offered."
        }
    }
}
