import JSONWire

/// What can go wrong between a client and its room.
package enum ClientFault: Error, Equatable, Sendable {
    case badAddress(String, String)
    case cannotConnect(String)
    /// The server answered no; `retryable` says whether the same request may succeed later.
    case refused(code: String, message: String, retryable: Bool, fields: JSONObject)
    /// The socket ended; 1006 when nobody said why.
    case closed(code: UInt16, reason: String)
    /// No answer in time. A write may or may not have been made.
    case timedOut
    /// The server broke its contract.
    case protocolViolation(String)
    case alreadyWatching

    /// Whether to connect again and ask again.
    package var isPassing: Bool {
        switch self {
        case .cannotConnect, .timedOut: true
        case .refused(_, _, let retryable, _): retryable
        case .closed(let code, _): !Self.finalCodes.contains(code)
        case .badAddress, .protocolViolation, .alreadyWatching: false
        }
    }

    /// Replaced by a newer socket, credential revoked or expired, room deleted: coming back would not help.
    private static let finalCodes: Set<UInt16> = [4002, 4003, 4004, 4005]
}
