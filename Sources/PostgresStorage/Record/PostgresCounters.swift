/// What a record did since it was opened, for metrics.
package struct PostgresCounters: Sendable, Equatable {
    /// Appends that were committed, and the commits they took.
    package var writes = 0
    package var commits = 0
    /// Batches that could not be committed.
    package var failedCommits = 0
    /// Appends that were refused because too many waited.
    package var refusedWrites = 0
    /// The most appends one commit carried.
    package var largestBatch = 0
    /// Appends that wait just now, for their batch or for its commit.
    package var waitingWrites = 0
    /// Appends whose outcome could not be learned.
    package var unknownOutcomes = 0
}
