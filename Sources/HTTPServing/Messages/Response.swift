import HTTPWire
import JSONWire

/// What a handler answers.
package struct Response: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece, in chunks; the writer waits while the peer does not read.
        case stream(@Sendable (ResponseWriter) async throws -> Void)
    }

    package var status: HTTPStatus
    package var fields: HTTPFields
    package var body: Body

    package init(_ status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: Body = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package static func json(_ bytes: [UInt8], status: HTTPStatus = .ok) -> Response {
        Response(status, fields: ["Content-Type": "application/json"], body: .bytes(bytes))
    }

    package static func text(_ text: String, status: HTTPStatus = .ok) -> Response {
        Response(status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }

    package static func html(_ text: String) -> Response {
        Response(.ok, fields: ["Content-Type": "text/html; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }

    /// `detail` and `error` say the same: some clients read the one, some the other.
    package static func error(_ status: HTTPStatus, _ message: String) -> Response {
        json(JSONValue.object(["detail": .string(message), "error": .string(message)]).encoded(), status: status)
    }
}
