/// Everything a response says before its body.
package struct HTTPResponseHead: Sendable, Equatable {
    package let version: HTTPVersion
    package let status: HTTPStatus
    package let fields: HTTPFields
    /// How the body is framed, given the request this answers.
    package let body: HTTPBodyFraming
    /// True when the connection may carry another request after this response.
    package let keepAlive: Bool
}
