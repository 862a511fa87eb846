import Cryptography
import JSONWire
import Logging
import RoomBackups
import RoomStorage

/// The `backup` and `backup verify` commands.
package enum BackingUp {
    /// Writes everything that was due when it began, beside running servers or without them; false when some of it could
    /// not be.
    ///
    /// A room that a server is just writing is waited for: until its claim would have ended, and then it is written here.
    package static func run(_ configuration: Configuration, json: Bool) async throws -> (text: String, isWhole: Bool) {
        let quiet = Logger(label: "backup") { _ in SwiftLogNoOpLogHandler() }
        let began = wallClock()
        let parts = try await Parts.open(configuration)
        let blobs = try parts.backupBlobs(configuration, logger: quiet)
        let server = ServerID("backup-\(try SecureRandom.hex(bytes: 8))")
        let writer = try parts.backupWriter(configuration, blobs, as: server, logger: quiet)
        try await writer.drain()
        var waiting = try await parts.record.oldestDueBackup()
        while let due = waiting, due <= began, wallClock() < began.advanced(bySeconds: claimWaitSeconds) {
            try await Task.sleep(for: .milliseconds(250))
            try await writer.drain()
            waiting = try await parts.record.oldestDueBackup()
        }
        await parts.record.close()
        let isWhole = waiting.map { $0 > began } ?? true
        if json {
            let object: JSONValue = ["due_since": waiting.map { .string($0.description) } ?? .null]
            return (String(decoding: object.encoded(), as: UTF8.self) + "\n", isWhole)
        }
        guard let waiting, !isWhole else { return ("everything is backed up\n", true) }
        return (
            "changes since \(waiting) are not backed up: see the log of the servers for the room and its fault\n", false
        )
    }

    /// Longer than a server that was killed keeps a room claimed.
    private static let claimWaitSeconds = BackupSettings().claimSeconds + 10

    /// Reads everything back.
    package static func verify(
        _ configuration: Configuration, json: Bool, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws -> (text: String, isWhole: Bool) {
        let parts = try await Parts.open(configuration)
        let blobs = try parts.backupBlobs(
            configuration, logger: Logger(label: "backup") { _ in SwiftLogNoOpLogHandler() })
        let rooms = try await BackupReader(blobs).verify(progress: progress)
        await parts.record.close()
        let isWhole = rooms.allSatisfy(\.damage.isEmpty)
        if json {
            let object: JSONValue = ["ok": .bool(isWhole), "rooms": .array(rooms.map(\.json))]
            return (String(decoding: object.encoded(), as: UTF8.self) + "\n", isWhole)
        }
        let lines = rooms.map { room in
            let state = room.isDeleted ? "deleted" : "revision \(room.revision.map(\.description) ?? "?")"
            let head =
                "\(room.damage.isEmpty ? "ok     " : "damaged")  \(room.room)  \(state), \(room.models) models, "
                + "\(room.objects) objects, \(room.bytes) bytes\n"
            return head + room.damage.map { "         \($0)\n" }.joined()
        }
        return (lines.joined() + "\(rooms.count) rooms\n", isWhole)
    }
}
