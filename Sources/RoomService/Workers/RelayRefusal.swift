/// Why a request for a worker or a stream is refused, with the words that clients know where they know some.
package enum RelayRefusal: Error, Equatable, Sendable {
    case unauthorized
    case forbidden(String)
    case notFound(String)
    case invalid(String)
    /// Somebody else has what was asked for.
    case conflict(String)
    case tooLarge(String)
    /// Too many requests; with the seconds to wait.
    case busy(Int)
    case unavailable(String)
    /// So many streams or readers there may be, and no more.
    case full

    static let noMember = RelayRefusal.forbidden("Not a member of this room")
    static let noPeers = RelayRefusal.notFound("Room not found or no peers online")
    static let storeAway = RelayRefusal.unavailable("The store of streams cannot be reached just now; try again")

    init(_ refusal: StreamRefusal) {
        self =
            switch refusal {
            case .notYours: .forbidden("Only the worker that a stream is about, or that has its job, may publish to it")
            case .full: .full
            case .notAnObject: .invalid("An event is a JSON object")
            case .unavailable: .storeAway
            }
    }
}
