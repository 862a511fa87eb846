/// Why there is no answer. No text here holds more of an address than its host: paths and queries carry secrets.
package enum FetchFault: Error, Equatable, Sendable {
    /// The request itself breaks a rule; nothing was sent.
    case badRequest(String)
    /// No connection came about.
    case unreachable(host: String, reason: String)
    /// The server did not prove who it is.
    case untrusted(host: String, reason: String)
    /// The connection was lost on the way; the server may have acted on the request.
    case brokenOff(host: String, reason: String)
    case timedOut(host: String)
    case responseTooLarge(host: String, limit: Int)
    case tooManyRedirects(host: String)
    /// The reader of a streamed body wanted no more.
    case stoppedByReader
    case cancelled
    /// More requests wait than the fetcher lets wait; nothing was sent.
    case busy
}

extension FetchFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badRequest(let rule): "the request is wrong: \(rule)"
        case .unreachable(let host, let reason):
            "\(host) cannot be reached (\(reason)): check the address, the network and that the server runs"
        case .untrusted(let host, let reason):
            "the certificate of \(host) is not trusted (\(reason)): check its name and dates, or name its CA file"
        case .brokenOff(let host, let reason): "the connection to \(host) broke off (\(reason))"
        case .timedOut(let host): "\(host) did not answer in time"
        case .responseTooLarge(let host, let limit): "\(host) answered with more than \(limit) bytes"
        case .tooManyRedirects(let host): "\(host) redirects more often than allowed"
        case .stoppedByReader: "the reader wanted no more"
        case .cancelled: "cancelled"
        case .busy: "too many requests wait to be sent"
        }
    }
}
