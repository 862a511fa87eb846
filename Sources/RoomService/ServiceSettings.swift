import RoomCore
import WireMessages

/// Bounds and terms of the service.
package struct ServiceSettings: Sendable {
    package var limits = WireLimits()
    package var manifestLimits = ManifestLimits()
    /// Bytes that may wait for one peer.
    package var outboxBytes = 8 << 20
    /// Writes that may wait in one room.
    package var mailboxWrites = 4096
    /// Bytes of the messages those writes came in.
    package var mailboxBytes = 64 << 20
    /// Writes of one room in one commit.
    package var batchWrites = 256
    /// Requests of one socket that may be unanswered before it is read no further.
    package var pipelinedRequests = 256
    /// Changes kept encoded per room, for watchers that come back.
    package var tailChanges = 1024
    package var tailBytes = 4 << 20
    /// Changes a room's history keeps at least; older ones may be compacted. Nil keeps all.
    package var historyChanges: Int?
    /// An empty room leaves memory after this.
    package var idleRoomSeconds: Int64 = 60
    package var receiptSeconds: Int64 = 24 * 3600
    /// How long an issuer's word on a user's groups counts.
    package var groupSeconds: Int64 = 7 * 24 * 3600
    /// How often workers are sent a `ping`; they give the socket up after 90 seconds without.
    package var workerPing = Duration.seconds(30)
    /// Sockets of one identity in one room.
    package var socketsPerIdentity = 256
    /// Requests of one user for workers and streams over HTTP, on one server.
    package var workerRequestsPerSecond = 50
    package var ice = ICESettings()
    package var streams = StreamSettings()

    package init() {}
}
