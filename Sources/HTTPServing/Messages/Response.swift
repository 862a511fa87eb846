import FoundationEssentials
import HTTPWire
import JSONWire

/// What a handler answers. The connection adds Date, Connection and the body's framing.
package struct Response: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Written by the closure while it is being sent, in chunks; when it throws, the connection is cut off in
        /// the middle, for there is no other way to say so.
        case stream(@Sendable (ResponseWriter) async throws -> Void)
        /// The same with a length that is known before.
        case sized(Int, @Sendable (ResponseWriter) async throws -> Void)
    }

    package var status: HTTPStatus
    package var fields: HTTPFields
    package var body: Body

    package init(_ status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: Body = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    package init(_ status: HTTPStatus, type: String, _ bytes: [UInt8]) {
        self.init(status, fields: ["Content-Type": type], body: .bytes(bytes))
    }

    package static func empty(_ status: HTTPStatus) -> Response { Response(status) }

    /// JSON that is encoded already.
    package static func json(raw bytes: [UInt8], status: HTTPStatus = .ok) -> Response {
        Response(status, type: "application/json", bytes)
    }

    package static func json(_ value: some Encodable, status: HTTPStatus = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return .json(raw: [UInt8](try encoder.encode(value)), status: status)
    }

    package static func text(_ text: String, status: HTTPStatus = .ok) -> Response {
        Response(status, type: "text/plain; charset=utf-8", Array(text.utf8))
    }

    package static func html(_ page: String, status: HTTPStatus = .ok) -> Response {
        Response(status, type: "text/html; charset=utf-8", Array(page.utf8))
    }

    /// `{"detail": message, "error": message}`: the two names by which clients look for it.
    package static func error(_ status: HTTPStatus, _ message: String) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("detail", message)
        json.member("error", message)
        json.endObject()
        return .json(raw: json.bytes, status: status)
    }

    /// The same with one field more.
    package func with(_ name: String, _ value: String) -> Response {
        var response = self
        response.fields.append(name, value)
        return response
    }
}
