import RoomCore
import RoomStorage

/// Uploads that nobody goes on with.
extension FileCheck {
    /// Those that expired: their parts go, their place in the room's quota is free, and their models say so.
    func abandonUploads(collecting: Bool, _ report: inout Report) async throws {
        let expired = try await files.ledger.uploads(expiredBefore: clock(), limit: Self.page)
        report.abandonedUploads += expired.count
        guard collecting else { return }
        for upload in expired {
            guard try await files.ledger.close(upload.id, expiring: upload.expiresAt) else { continue }
            try await files.abandonParts(of: upload)
            guard let loop = try await directory?.room(upload.room) else { continue }
            let report = StorageReport(model: upload.model, files: upload.files.map(\.file), outcome: .abandoned)
            do throws(Refusal) { try await loop.record(report) } catch {
                logger.debug("an abandoned upload could not be noted", metadata: ["cause": "\(error)"])
            }
        }
    }

    /// Uploads in parts that the ledger does not know: of deleted rooms, or of a server that ended between beginning one
    /// and noting it. What was begun lately may only not be noted yet.
    func examineParts(collecting: Bool, _ report: inout Report) async throws {
        var marker: String?
        repeat {
            let page = try await files.transfers.unfinishedParts(prefix: ModelFiles.prefix, after: marker)
            for unfinished in page.uploads where isPastGrace(unfinished.changedAt) {
                guard try await isStray(unfinished) else { continue }
                report.strayParts += 1
                guard collecting else { continue }
                try await files.transfers.abandon(unfinished)
                report.strayPartsCollected += 1
            }
            marker = page.next
            try await pause()
        } while marker != nil
    }

    private func isStray(_ unfinished: UnfinishedParts) async throws -> Bool {
        guard try await !files.ledger.knows(unfinished.parts) else { return false }
        guard let key = unfinished.key, let room = ModelFiles.owner(of: key)?.room else { return true }
        // Of a room that is neither there nor known to be deleted nothing can be said.
        if try await manifests.head(of: room) != nil { return true }
        return try await files.ledger.deletion(of: room) != nil
    }

    private static let resumedUploads = 100

    /// Goes on with verifications that stopped with their server; how many came to an end.
    ///
    /// Read back is what a peer said was all there; nobody needs to ask again, and whoever does is answered as if the
    /// first server had lived.
    package func resumeVerifications() async throws -> Int {
        guard let directory else { return 0 }
        guard try await !files.ledger.uploads(unverifiedSince: clock(), limit: 1).isEmpty else { return 0 }
        return try await turns.taking(.resuming) {
            try await holding(.resumeVerifications, as: directory.dependencies.server) {
                var ended = 0
                for upload in try await files.ledger.uploads(unverifiedSince: clock(), limit: Self.resumedUploads) {
                    if await resume(upload, in: directory) { ended += 1 }
                }
                return ended
            }
        }
    }

    private func resume(_ upload: Upload, in directory: RoomDirectory) async -> Bool {
        do {
            guard let loop = try await directory.room(upload.room) else { return false }
            let mismatches = try await loop.resume(upload, files)
            guard let first = mismatches.first else { return true }
            logger.notice(
                "an upload is not what was announced",
                metadata: [
                    "room": "\(upload.room)", "model": "\(upload.model)", "files": "\(mismatches.count)",
                    "first": "\(first.path): \(first.reason)",
                ])
            return true
        } catch {
            logger.debug(
                "a verification was not gone on with", metadata: ["room": "\(upload.room)", "cause": "\(error)"])
            return false
        }
    }
}
