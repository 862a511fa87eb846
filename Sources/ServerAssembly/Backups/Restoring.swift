import JSONWire
import RoomBackups
import RoomCore
import RoomStorage
import Logging

/// The `restore` command.
package enum Restoring {
    /// What is asked for; nil room for all of them.
    package struct Order: Sendable {
        package var room: String?
        package var revision: Int?
        package var time: String?
        package var newName: String?
        package var dryRun = false
        package var json = false

        package init() {}
    }

    /// - Returns: what to print, and whether nothing was damaged beyond help.
    package static func run(
        _ configuration: Configuration, _ order: Order, tell: @escaping @Sendable (String) -> Void,
        progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws -> (text: String, isWhole: Bool) {
        let point = try point(of: order)
        let parts = try await Parts.open(configuration)
        let blobs = try parts.backupBlobs(
            configuration, logger: Logger(label: "restore") { _ in SwiftLogNoOpLogHandler() })
        if !order.dryRun { try await parts.installation(configuration, blobs).settle() }
        let restorer = parts.restorer(blobs, tell: tell)
        let outcome: (text: String, isWhole: Bool)
        if let room = order.room {
            guard let room = RoomID(room) else { throw StartFault("--room: \(RoomID.rule)", exitCode: 64) }
            let inPlace = !order.dryRun && order.newName == nil
            let word = inPlace ? try await RestoreWord(configuration) : nil
            let report = try await restorer.restore(room, at: point, into: order.newName, dryRun: order.dryRun)
            if let word, await !word.goesOut(of: report) { tell(RestoreWord.notOut) }
            outcome = (order.json ? line(report.json) : sentence(report, order), true)
        } else {
            let report = try await restorer.restoreAll(dryRun: order.dryRun, progress: progress)
            outcome = (order.json ? line(report.json) : sentence(report, order), report.lost.isEmpty)
        }
        await parts.record.close()
        return outcome
    }

    private static func point(of order: Order) throws -> BackupPoint {
        guard order.room != nil || (order.revision == nil && order.time == nil && order.newName == nil) else {
            throw StartFault("--at-revision, --at-time and --into are of one room: add --room ID", exitCode: 64)
        }
        switch (order.revision, order.time) {
        case (nil, nil): return .newest
        case (let revision?, nil):
            guard let revision = Revision(wire: revision) else {
                throw StartFault("--at-revision: give a whole number from 0", exitCode: 64)
            }
            return .revision(revision)
        case (nil, let time?):
            guard let moment = Timestamp(time) else {
                throw StartFault("--at-time: give a time such as 2026-01-31T12:00:00Z", exitCode: 64)
            }
            return .moment(moment)
        case (_?, _?): throw StartFault("give --at-revision or --at-time, not both", exitCode: 64)
        }
    }

    private static func line(_ value: JSONValue) -> String { String(decoding: value.encoded(), as: UTF8.self) + "\n" }

    private static func sentence(_ report: RestoreReport, _ order: Order) -> String {
        var text =
            "\(order.dryRun ? "would restore" : "restored") \(report.rooms) rooms with \(report.models) models and "
            + "\(report.users) users\n"
        if report.deleted > 0 { text += "\(report.deleted) rooms were deleted and stay so\n" }
        if !report.standing.isEmpty { text += "\(report.standing.count) rooms were there and stay as they are\n" }
        if !report.lost.isEmpty {
            text += "nothing can be read of: \(report.lost.map(\.text).joined(separator: ", "))\n"
        }
        return text
    }

    private static func sentence(_ report: RoomRestoreReport, _ order: Order) -> String {
        "\(order.dryRun ? "would restore" : "restored") room \(report.from)"
            + (report.room == report.from ? "" : " as room \(report.room)")
            + " at revision \(report.revision) of \(report.updatedAt): \(report.models) models\n"
    }
}
