import RoomStorage

/// What an operator should hear of.
package enum S3Event: Sendable, Equatable {
    /// The store was reached again, or is away.
    case stateChanged(StoreState)
    /// The clocks differ by so many seconds (positive: the server's is ahead); requests are signed with the server's time.
    case clockSkewed(seconds: Int64)
    /// The store does not write under conditions: from now on what is there is compared first and written then, which
    /// is safe for one server at a time.
    case conditionsUnsupported
}
