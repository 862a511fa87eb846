import RoomCore
import RoomStorage

/// Why a backup was not written, read or restored.
package indirect enum BackupFault: Error, Equatable, Sendable {
    /// The record or the store of blobs did not do what was asked.
    case store(StoreError)
    /// The bucket holds the backups of another installation.
    case otherInstallation(found: String, ours: String)
    /// The bucket was written by a newer version of the program.
    case newerFormat(Int)
    /// What is stored is not what was written.
    case damaged(String)
    /// The bucket knows later changes of this epoch than the record does.
    case ahead(room: RoomID, kept: Revision, record: Revision)
    /// Other servers replaced the index again and again.
    case contended(RoomID)
    case noSuchRoom(RoomID)
    /// Nothing that is kept leads to the state that was asked for.
    case unreachable(RoomID, String)
}

extension BackupFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .store(let error): "\(error)"
        case .otherInstallation(let found, let ours):
            "the bucket holds the backups of the installation \(found), this one is \(ours): name another bucket or "
                + "prefix, or set SLEAP_ROOMS_BACKUP_ADOPT=1 to take it over"
        case .newerFormat(let format):
            "the backups have the format \(format), this program knows \(BackupLayout.format): use the newer program"
        case .damaged(let what): "damaged backup: \(what)"
        case .ahead(let room, let kept, let record):
            "the backup of room \(room) is at revision \(kept), the record only at \(record): the record was set back; "
                + "restore the room with: room-server restore --room \(room)"
        case .contended(let room): "other servers are writing the backup of room \(room): it is tried again"
        case .noSuchRoom(let room): "there is no backup of a room \(room): see room-server backup verify"
        case .unreachable(let room, let what): "room \(room): \(what)"
        }
    }
}

extension BackupFault {
    /// What a call on a store or a reading of a backup threw.
    init(_ error: any Error) {
        switch error {
        case let fault as BackupFault: self = fault
        case let error as StoreError: self = .store(error)
        default: self = .damaged("\(error)")
        }
    }
}
