import Logging
import RoomCore
import RoomStorage

/// Everything rooms are given: stores, time and bounds come from outside.
package struct RoomDependencies: Sendable {
    package let manifests: any ManifestStore
    package let accounts: any AccountStore
    package let live: any LiveRooms
    package let server: ServerID
    package let authority: TokenAuthority
    package let issuers: any TrustedIssuers
    package let settings: ServiceSettings
    package let counters: ServiceCounters
    package let sightings = SightingLog()
    package let outages: ServiceOutages
    package let clock: @Sendable () -> Timestamp
    package let logger: Logger
    /// Nil where model files are not kept.
    package let files: ModelFiles?
    package let streams: EventStreams

    package init(
        manifests: any ManifestStore, accounts: any AccountStore, live: any LiveRooms, server: ServerID,
        handovers: any HandoverStore, authority: TokenAuthority, settings: ServiceSettings, counters: ServiceCounters,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger, files: ModelFiles? = nil,
        issuers: any TrustedIssuers = NoIssuers()
    ) {
        self.manifests = manifests
        self.accounts = accounts
        self.live = live
        self.server = server
        self.authority = authority
        self.issuers = issuers
        self.settings = settings
        self.counters = counters
        self.clock = clock
        self.logger = logger
        outages = ServiceOutages(logger: logger, clock: clock)
        self.files = files
        self.streams = EventStreams(
            handovers: handovers, live: live, server: server, settings: settings.streams, counters: counters,
            clock: clock, logger: logger)
    }
}
