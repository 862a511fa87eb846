import Cryptography
import JSONWire
import Logging
import RoomBackups
import RoomStorage

/// The `backup` and `backup verify` commands.
package enum BackingUp {
    /// Writes everything that is due, beside running servers or without them.
    package static func run(_ configuration: Configuration, json: Bool) async throws -> String {
        let quiet = Logger(label: "backup") { _ in SwiftLogNoOpLogHandler() }
        let parts = try await Parts.open(configuration)
        let blobs = try parts.backupBlobs(configuration, logger: quiet)
        let server = ServerID("backup-\(try SecureRandom.hex(bytes: 8))")
        try await parts.backupWriter(configuration, blobs, as: server, logger: quiet).drain()
        let waiting = try await parts.record.oldestDueBackup()
        await parts.record.close()
        if json {
            let object: JSONValue = ["due_since": waiting.map { .string($0.description) } ?? .null]
            return String(decoding: object.encoded(), as: UTF8.self) + "\n"
        }
        guard let waiting else { return "everything is backed up\n" }
        return "changes since \(waiting) are being backed up by a server, or cannot be: see its log\n"
    }

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
