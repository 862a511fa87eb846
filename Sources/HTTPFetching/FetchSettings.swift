/// What holds for every request of one fetcher.
package struct FetchSettings: Sendable {
    /// PEM certificates to trust in place of the system's.
    package var caFile: String?
    /// How many requests are on the wire at once; the others wait their turn.
    package var activeLimit: Int
    /// How many may wait; one more is told ``FetchFault/busy``.
    package var waitingLimit: Int
    package var userAgent: String
    /// An HTTP proxy, `http://host:port`. libcurl's own reading of `http_proxy` and the like is off.
    package var proxy: String?

    package init(
        caFile: String? = nil, activeLimit: Int = 32, waitingLimit: Int = 1_024, userAgent: String = "sleap-rooms",
        proxy: String? = nil
    ) {
        self.caFile = caFile
        self.activeLimit = max(1, activeLimit)
        self.waitingLimit = max(0, waitingLimit)
        self.userAgent = userAgent
        self.proxy = proxy
    }
}
