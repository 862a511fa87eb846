import Logging
import RoomCore

/// What a service has to say of stores that are away, in one voice for all its rooms.
package struct ServiceOutages: Sendable {
    /// The record refuses writes.
    let writes: OutageLog
    /// The record did not say what became of writes.
    let doubts: OutageLog
    /// The record cannot be read.
    let reads: OutageLog
    /// The file store cannot be used.
    let files: OutageLog

    init(logger: Logger, clock: @escaping @Sendable () -> Timestamp) {
        func log(_ begun: String, _ going: String, _ ended: String) -> OutageLog {
            OutageLog(OutageLog.Sentences(begun: begun, going: going, ended: ended), logger: logger, clock: clock)
        }
        writes = log(
            "writes could not be made durable", "writes still cannot be made durable", "writes are made durable again")
        doubts = log(
            "it could not be learned whether writes are durable",
            "it still cannot be learned whether writes are durable", "it is known again which writes are durable")
        reads = log("the record could not be read", "the record still cannot be read", "the record is read again")
        files = log(
            "the file store could not be used", "the file store still cannot be used", "the file store is used again")
    }
}
