import RoomCore

/// What looking after files needs of the record beside the uploads.
///
/// Duties: every call is one commit and durable when it returns. A room that is deleted, by whatever way, is remembered
/// with the moment until it is forgotten here or made again.
package protocol FileUpkeep: Sendable {
    /// Grants a duty to one server for a term, or renews it; who has it afterwards. A term that is over at `now` is
    /// worth nothing. The moments are the servers' own, so a term must be longer than their clocks differ.
    func grant(
        _ duty: UpkeepDuty, to server: ServerID, until moment: Timestamp, at now: Timestamp
    ) async throws(StoreError) -> ServerID
    /// Gives a duty back, whose term ends at `now` at the latest; no error when another server has it.
    func release(_ duty: UpkeepDuty, by server: ServerID, at now: Timestamp) async throws(StoreError)
    /// When the last term of a duty ends, or ended, whoever had it; nil when nobody ever had.
    func end(of duty: UpkeepDuty) async throws(StoreError) -> Timestamp?
    /// When a room's epoch began, by the record's own clock: it was made, restored or set back then. Nil when there is
    /// no such room.
    func epochStart(of room: RoomID) async throws(StoreError) -> Timestamp?
    /// When a room was deleted; nil for one that is there, was never there, or is forgotten.
    func deletion(of room: RoomID) async throws(StoreError) -> Timestamp?
    /// Rooms that were deleted before a moment, by their ids.
    func rooms(
        deletedBefore moment: Timestamp, after room: RoomID?, limit: Int
    ) async throws(StoreError) -> [RoomID]
    /// Forgets that a room was deleted before a moment; a later deletion of the same room stays.
    func forgetDeletion(of room: RoomID, before moment: Timestamp) async throws(StoreError)
}

/// Something that one server at a time does for all.
package enum UpkeepDuty: String, Sendable {
    case checkFiles = "check-files"
    case resumeVerifications = "resume-verifications"
    case collectBackups = "collect-backups"
}
