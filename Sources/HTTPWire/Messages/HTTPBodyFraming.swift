/// How the end of a message's body is known (RFC 9112, section 6.3).
package enum HTTPBodyFraming: Sendable, Equatable {
    /// No body follows the head.
    case none
    /// Exactly so many bytes follow the head.
    case length(Int)
    /// Chunks follow, up to one of size zero.
    case chunked
    /// Everything up to the close of the connection; only responses end so.
    case untilClose

    /// True when bytes of a body follow the head.
    package var hasBody: Bool {
        switch self {
        case .none: false
        case .length(let length): length > 0
        case .chunked, .untilClose: true
        }
    }
}
