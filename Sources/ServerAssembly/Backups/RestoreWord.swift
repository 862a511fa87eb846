import Cryptography
import Logging
import RoomBackups
import RoomCore
import RoomStorage

/// The word to running servers that a room was set back: they read it anew, and their watchers begin with a snapshot of
/// the new epoch.
///
/// It only makes haste: a server that misses it finds the new epoch by its next write, or when it compares with the
/// record.
struct RestoreWord: Sendable {
    private let live: any LiveRooms
    private let isShared: Bool
    private let sender: ServerID

    static let notOut =
        "running servers could not be told: those that have the room open go on from there within half a minute"

    /// Opened before anything is changed, since a wrong address is better told then.
    init(_ configuration: Configuration) async throws {
        live = try await configuration.openLive(Logger(label: "restore") { _ in SwiftLogNoOpLogHandler() })
        isShared = configuration.redisURL != nil
        sender = ServerID("restore-\(try SecureRandom.hex(bytes: 8))")
    }

    /// False when it may not have reached anybody.
    func goesOut(of report: RoomRestoreReport) async -> Bool {
        guard isShared, live.state.isReachable else { return false }
        // A notice is of at least one revision; without its changes, whoever hears it reads the record.
        let base = Revision(max(0, report.revision.number - 1))
        let notice = RoomNotice(
            server: sender, room: report.room, epoch: report.epoch, base: base, revision: base.successor, changes: [])
        live.announce(LiveCommit(notice: notice, fields: []))
        // What is sent about one room is answered in order: after this answer, the word is out.
        _ = await live.manifest(of: report.room)
        return live.state.isReachable
    }
}
