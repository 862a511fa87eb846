/// Bounds on what peers send and are sent; `registered_auth` tells them the ones they must know.
package struct WireLimits: Sendable, Equatable {
    /// Either way, in bytes of one text message.
    package var messageBytes = 1 << 20
    package var pageModels = 500
    package var requestsPerSecond = 2000
    package var pingIntervalSeconds = 20
    /// Nesting of any JSON a peer sends.
    package static let jsonDepth = 64
    /// Models in one page stop here, so that the reply fits a message with room to spare.
    package var pageBytes: Int { messageBytes - messageBytes / 8 }

    package init() {}
}
