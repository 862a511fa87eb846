import HTTPServing
import HTTPWire
import JSONWire
import RoomCore
import WireMessages

extension Response {
    /// `{"error","detail","code","retryable"}` and what the code brings along; the status says the same to HTTP.
    static func refusal(_ refusal: Refusal) -> Response {
        let error = ErrorMessage(refusal)
        var body: JSONObject = [
            "error": .string(error.message), "detail": .string(error.message), "code": .string(error.code),
            "retryable": .bool(error.retryable),
        ]
        for (key, value) in error.extra where body[key] == nil { body[key] = value }
        let response = Response.json(raw: JSONValue.object(body).encoded(), status: refusal.status)
        return refusal.retryAfterSeconds.map { response.with("Retry-After", String($0)) } ?? response
    }
}

extension Refusal {
    fileprivate var status: HTTPStatus {
        switch self {
        case .invalid, .invalidQuery, .aliasInvalid, .unknownMessageType: .badRequest
        case .forbidden: .forbidden
        case .notInRoom, .modelNotFound, .compacted: .notFound
        case .modelExists, .aliasTaken, .limitReached: .conflict
        case .staleRevision: .preconditionFailed
        case .tooLarge: .contentTooLarge
        case .rateLimited: .tooManyRequests
        case .unavailable: .serviceUnavailable
        }
    }

    fileprivate var retryAfterSeconds: Int? {
        switch self {
        case .rateLimited(let milliseconds): max(1, (milliseconds + 999) / 1000)
        case .unavailable: 2
        case .invalid, .invalidQuery, .notInRoom, .forbidden, .modelNotFound, .modelExists, .aliasTaken,
            .aliasInvalid, .staleRevision, .limitReached, .tooLarge, .compacted, .unknownMessageType:
            nil
        }
    }
}
