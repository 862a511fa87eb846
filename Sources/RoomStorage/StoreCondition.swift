/// What operators are told of a store, whatever it is made of.
package protocol StoreCondition: Sendable {
    /// Whether it can be used just now: looked up or tried, within a moment.
    func condition() async -> StoreState
}

/// What a record did since it was opened. Each number only ever rises.
package struct RecordCounts: Sendable, Equatable {
    /// Writes that were committed, the commits they took, and the commits that failed.
    package var writes: Int
    package var commits: Int
    package var failures: Int

    package init(writes: Int, commits: Int, failures: Int) {
        self.writes = writes
        self.commits = commits
        self.failures = failures
    }
}

/// The record as a whole: one object keeps changes, accounts and uploads.
package protocol Record: ManifestStore, AccountStore, UploadLedger, FileUpkeep, BackupSource, StoreCondition {
    var counts: RecordCounts { get }
    /// Writes something that says what it said before: throws while the record cannot be written.
    func probe() async throws(StoreError)
    func close() async
}
