/// Why a request was not carried out. Nothing was changed.
package enum Refusal: Error, Equatable, Sendable {
    case invalid(String)
    case invalidQuery(SearchFault)
    case notInRoom
    case forbidden(String)
    case modelNotFound(String)
    case modelExists(ModelID, digest: Digest?)
    case aliasTaken(Alias, holder: ModelID?)
    case aliasInvalid(String)
    case staleRevision(Revision, of: String)
    case limitReached(String)
    case rateLimited(retryAfterMilliseconds: Int)
    case tooLarge(String)
    case compacted(floor: Revision)
    /// The record or the room's mailbox cannot take it now; nothing was changed and it may be sent again.
    case unavailable(String)
    case unknownMessageType(String)
}
