import RoomCore
import RoomStorage
import Testing

/// A record of a check's own, seen through all ports that a backup uses, and a second, empty one to restore into.
///
/// Unlike other checks these need records nobody else uses: what is due is asked of the record as a whole.
package struct BackupSourceUnderTest: Sendable {
    package let source: any BackupSource
    package let record: RecordUnderTest
    package let empty: any BackupSource
    package let emptyRecord: RecordUnderTest

    package init(
        source: any BackupSource, record: RecordUnderTest, empty: any BackupSource, emptyRecord: RecordUnderTest
    ) {
        self.source = source
        self.record = record
        self.empty = empty
        self.emptyRecord = emptyRecord
    }

    func claim(
        by server: ServerID = ServerID("one"), at now: Timestamp = moment(1_000_000_000), limit: Int = 100
    ) async throws -> [RoomID] {
        try await source.claimBackups(by: server, at: now, forSeconds: 60, limit: limit).map(\.room)
    }

    /// Claims whatever is due and notes that it is kept as it stands now.
    func keepEverything(by server: ServerID = ServerID("one")) async throws {
        for room in try await claim(by: server) { try await keep(room, by: server) }
    }

    func keep(_ room: RoomID, by server: ServerID = ServerID("one")) async throws {
        let state: BackupNote.State
        if let dossier = try await source.dossier(of: room) {
            state = .room(
                epoch: dossier.head.epoch, revision: dossier.head.revision, dossierVersion: dossier.version)
        } else {
            state = .deletion
        }
        try await source.note(BackupNote(room: room, state: state), by: server)
    }
}
