import JSONWire

/// An error that knows its answer; any other error of a handler is answered with 500 and logged.
package protocol AnswerableError: Error {
    var response: Response { get }
}

/// What can be wrong with a request's body once HTTP has had its way.
package enum RequestFault: Error, Equatable, Sendable {
    case invalidJSON(JSONFault)
    /// JSON, but not of the shape the request needs; the sentence says where.
    case unexpectedShape(String)

    package var sentence: String {
        switch self {
        case .invalidJSON(let fault): "The body is not valid JSON: \(fault)."
        case .unexpectedShape(let sentence): sentence
        }
    }
}

extension RequestFault: AnswerableError {
    package var response: Response { .error(.badRequest, sentence) }
}
