import Cryptography
import EmbeddedStorage
import Logging
import RoomBackups
import RoomCore
import RoomService
import RoomStorage
import S3Storage

extension Parts {
    /// Where backups lie: beside the model files.
    func backupBlobs(_ configuration: Configuration, logger: Logger) throws -> any BlobStore {
        if let store = configuration.objectStore { return try S3Blobs(store, logger: logger) }
        return try DirectoryBlobs(at: directory.blobsPath)
    }

    func installation(_ configuration: Configuration, _ blobs: any BlobStore) throws -> Installation {
        let candidate = try SecureRandom.hex(bytes: 8)
        return Installation(blobs, record, adopts: configuration.adoptsBackups) { candidate }
    }

    func restorer(_ blobs: any BlobStore, tell: @escaping @Sendable (String) -> Void) -> Restorer {
        Restorer(
            blobs, source: record, manifests: record,
            name: { try SecureRandom.hex(bytes: $0) }, tell: tell)
    }

    func backupWriter(
        _ configuration: Configuration, _ blobs: any BlobStore, as server: ServerID, logger: Logger
    ) throws -> BackupWriter {
        BackupWriter(
            blobs: blobs, source: record, manifests: record, installation: try installation(configuration, blobs),
            server: server, settings: configuration.backups, clock: wallClock, logger: logger)
    }

    /// Restores an empty record from a filled bucket, and gives the writer that goes on from there.
    ///
    /// Only an empty record needs the bucket at the start: whether there is something to restore must be known before
    /// anyone makes a room. Any other start goes on without it, and backups catch up later.
    func startBackups(
        _ configuration: Configuration, as server: ServerID, logger: Logger
    ) async throws -> BackupWriter {
        let blobs = try backupBlobs(configuration, logger: logger)
        let writer = try backupWriter(configuration, blobs, as: server, logger: logger)
        let isEmpty = try await record.isEmpty()
        do {
            try await writer.settle()
            if isEmpty { try await restoreAll(blobs, logger) }
        } catch let error as StoreError {
            if case .refused = error { throw error }
            guard !isEmpty else { throw error }
            logger.warning("the bucket cannot be reached: backups wait", metadata: ["cause": "\(error)"])
        }
        return writer
    }

    private func restoreAll(_ blobs: any BlobStore, _ logger: Logger) async throws {
        let restorer = restorer(blobs) { logger.error("a backup is damaged", metadata: ["what": "\($0)"]) }
        guard try await restorer.hasRooms() else { return }
        logger.notice("the record is empty and the bucket is not: restoring all rooms")
        let report = try await restorer.restoreAll { done, all in
            if done % 100 == 0 { logger.info("restoring", metadata: ["rooms": "\(done)", "of": "\(all)"]) }
        }
        logger.notice(
            "restored",
            metadata: [
                "rooms": "\(report.rooms)", "models": "\(report.models)", "users": "\(report.users)",
                "lost": "\(report.lost.count)",
            ])
    }
}

extension Configuration {
    var backups: BackupSettings {
        var settings = BackupSettings()
        settings.snapshotChanges = backupSnapshotChanges
        settings.snapshotSeconds = Int64(backupSnapshotSeconds)
        settings.thinning.everythingSeconds = Int64(backupAllSeconds)
        settings.thinning.hourlySeconds = Int64(backupHourlySeconds)
        settings.thinning.dailySeconds = Int64(backupDailySeconds)
        settings.folders = { [ModelFiles.folder(of: $0)] }
        return settings
    }
}
