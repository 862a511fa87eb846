/// How much of everything a record in PostgreSQL may use.
package struct PostgresLimits: Sendable {
    /// Appends and bytes that commit together at most.
    package var batchWrites = 512
    package var batchBytes = 8 << 20
    /// Bytes of one write.
    package var writeBytes = 64 << 20
    /// Appends and their bytes that may wait; one more is refused as unavailable.
    package var waitingWrites = 65_536
    package var waitingBytes = 256 << 20
    /// Other requests that may wait for each connection.
    package var waitingReads = 16_384
    /// Connections for all but appends, and exchanges and bytes under way at once on each.
    package var connections = 4
    package var inFlight = 64
    package var inFlightBytes = 16 << 20
    /// How long an attempt to connect may take.
    package var connectMilliseconds = 3_000
    /// How long requests wait for a connection that was lost, before they are refused.
    package var reconnectMilliseconds = 1_000
    /// How long the server may work at a statement, and be silent before the connection counts as lost.
    package var statementMilliseconds = 4_000
    package var silenceMilliseconds = 5_000
    /// How long a batch of appends waits for a room that another transaction is at, before it goes without that room.
    package var lockMilliseconds = 1_000
    /// The same for work that grows with a room: deleting, compacting, restarting.
    package var longMilliseconds = 60_000
    /// How long to look for the outcome of appends whose answer was lost.
    package var resolveMilliseconds = 8_000
    /// How long to wait for another server's migration, and for one of our own.
    package var migrationMilliseconds = 600_000
    /// How long the next batch of appends gathers after one that carried several: they tend to come in step.
    package var gatherMicroseconds = 300

    package init() {}
}
