import Logging
import RoomCore
import RoomStorage

/// Compares what rooms say of their files with what the store holds, and mends the difference.
///
/// Models whose objects are gone become `missing`, and `stored` again when they return. Objects that no model and no
/// upload names, of a room that is there or was deleted, are told of and, after a grace time that begins anew when their
/// room is set back, or once the backups of their deleted room go, collected; so are uploads in parts that the ledger
/// does not know. What cannot be known is left alone: an object of a room that is neither in the record nor known to be
/// deleted stays, since the record may only not be restored yet.
///
/// Of the servers of one record one mends at a time. A pass goes through listings page by page with a pause between, and
/// holds one room's models and one page of objects at most.
package struct FileCheck: Sendable {
    static let page = 1000

    let files: ModelFiles
    let manifests: any ManifestStore
    let directory: RoomDirectory?
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    let turns = CheckTurns()

    /// - Parameter directory: where changes are written; without one nothing is changed, only told.
    package init(
        _ files: ModelFiles, manifests: any ManifestStore, directory: RoomDirectory?,
        clock: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.files = files
        self.manifests = manifests
        self.directory = directory
        self.clock = clock
        self.logger = logger
    }

    package enum Scope: Sendable {
        /// Changes nothing.
        case telling
        /// Marks models, and removes orphans past their grace time and uploads that nobody went on with.
        case mending
    }

    /// One pass over all rooms and all objects. Throws ``CheckFault`` while another is made.
    package func examine(_ scope: Scope) async throws -> Report {
        guard scope == .mending, let directory else {
            return try await turns.taking(.telling) { try await pass(collecting: false) }
        }
        return try await turns.taking(.mending) {
            try await holding(.checkFiles, as: directory.dependencies.server) { try await pass(collecting: true) }
        }
    }

    private func pass(collecting: Bool) async throws -> Report {
        var report = Report()
        var last: RoomID?
        while true {
            let rooms = try await files.rooms(last, 100)
            for room in rooms { try await examine(room, marking: collecting, &report) }
            guard let end = rooms.last, rooms.count == 100 else { break }
            last = end
        }
        try await examineObjects(collecting: collecting, &report)
        try await abandonUploads(collecting: collecting, &report)
        do {
            try await examineParts(collecting: collecting, &report)
        } catch StoreError.refused(let reason) {
            // A right of its own (s3:ListBucketMultipartUploads); all else is checked without it.
            report.partsRefused = reason
        }
        let ever = Timestamp(microseconds: .max)
        report.verifyingUploads = try await files.ledger.uploads(unverifiedSince: ever, limit: Self.page).count
        if collecting { try await forgetDeletedRooms() }
        return report
    }

    /// Lets others at the store, and ends a pass that is no longer wanted.
    func pause() async throws {
        try await Task.sleep(for: files.settings.pagePause)
    }

    /// Calls the body with each page of a listing.
    func eachPage(
        of prefix: String, _ body: ([BlobDescription]) async throws -> Void
    ) async throws {
        var last: BlobKey?
        while true {
            let page = try await files.blobs.describe(prefix: prefix, after: last, limit: Self.page)
            guard let end = page.last else { return }
            try await body(page)
            last = end.key
            try await pause()
        }
    }
}

// MARK: - Now and then

extension FileCheck {
    /// Checks, and goes on with verifications that were left, now and then until cancelled.
    package func run() async {
        await withTaskGroup { tasks in
            tasks.addTask { await checkNowAndThen() }
            tasks.addTask { await resumeNowAndThen() }
        }
    }

    private func checkNowAndThen() async {
        guard files.settings.checkSeconds > 0 else { return }
        var pause = files.settings.checkSeconds
        while (try? await Task.sleep(for: .seconds(pause))) != nil {
            pause = files.settings.checkSeconds
            do {
                // However many servers there are, one check is made in each interval.
                if let left = try await secondsToNextCheck() {
                    pause = left
                    continue
                }
                let report = try await examine(.mending)
                guard report.isNews else { continue }
                logger.notice("files were checked", metadata: report.metadata)
            } catch let fault as CheckFault {
                logger.debug("another check is made", metadata: ["cause": "\(fault)"])
            } catch {
                logger.warning("files could not be checked", metadata: ["cause": "\(error)"])
            }
        }
    }

    private func resumeNowAndThen() async {
        while (try? await Task.sleep(for: .seconds(files.settings.termSeconds))) != nil {
            do {
                _ = try await resumeVerifications()
            } catch {
                // Whoever is away has been told of; the next round tries again.
                logger.debug("verifications were not gone on with", metadata: ["cause": "\(error)"])
            }
        }
    }
}
