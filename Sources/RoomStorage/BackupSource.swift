import RoomCore

/// What backups ask of the record beside its changes. The same object keeps the changes and the accounts.
///
/// Duties: a room is *due* from the commit of a change, a new epoch, or a change of its members, tokens, policy or groups on, and a
/// deleted one from its deletion on, until a backup of at least that state is noted, whatever process made either; of
/// several servers that claim at one moment, one gets a room, until its term is over; a restore is atomic per call and
/// changes no room that is there. An append costs no more for it.
package protocol BackupSource: Sendable {
    /// A value of this installation, made of `candidate` when there is none yet; all servers get the same.
    func installationValue(_ name: String, orElse candidate: String) async throws(StoreError) -> String

    /// Rooms that are due and claimed by nobody, those first that have waited longest; each is claimed until `now` plus
    /// the term.
    func claimBackups(
        by server: ServerID, at now: Timestamp, forSeconds term: Int64, limit: Int
    ) async throws(StoreError) -> [BackupClaim]
    /// What was backed up; the claim ends with it. Without the claim it changes nothing.
    func note(_ backup: BackupNote, by server: ServerID) async throws(StoreError)
    /// Gives up a claim: the room is due as before.
    func releaseBackup(of room: RoomID, by server: ServerID) async throws(StoreError)
    /// Since when the room that waits longest has been due; nil when none is.
    func oldestDueBackup() async throws(StoreError) -> Timestamp?
    /// Makes every room due, for a store that holds no backup yet.
    func forgetBackups() async throws(StoreError)

    /// Who and what may enter a room, and where it stands, at one moment; nil when there is no such room.
    func dossier(of room: RoomID) async throws(StoreError) -> RoomDossier?

    /// Users and account keys as a whole, with a number that rises when any of them changes.
    func people() async throws(StoreError) -> People
    func peopleVersion() async throws(StoreError) -> Int

    /// Whether there is neither room nor user.
    func isEmpty() async throws(StoreError) -> Bool
    /// Adds whole rooms in one commit; the ids of those that were there already, which stay as they are.
    func restore(_ rooms: [RestoredRoom]) async throws(StoreError) -> [RoomID]
    /// Adds users and keys that are not there; their number goes on from the one given.
    func restore(_ people: People) async throws(StoreError)
}

/// The right of one server to back a room up, for a while.
package struct BackupClaim: Sendable, Equatable {
    package let room: RoomID
    package let dueSince: Timestamp
    /// When the room was deleted, if it was.
    package let deletedAt: Timestamp?

    package init(room: RoomID, dueSince: Timestamp, deletedAt: Timestamp?) {
        self.room = room
        self.dueSince = dueSince
        self.deletedAt = deletedAt
    }
}

/// What of a room is backed up now.
package struct BackupNote: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case room(epoch: Epoch, revision: Revision, dossierVersion: Int)
        /// That the room was deleted; the record forgets it with this, unless it was made anew.
        case deletion
    }

    package let room: RoomID
    package let state: State

    package init(room: RoomID, state: State) {
        self.room = room
        self.state = state
    }
}
