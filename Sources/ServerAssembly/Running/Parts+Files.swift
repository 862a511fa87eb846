import Cryptography
import EmbeddedStorage
import RoomCore
import RoomService
import RoomStorage
import Synchronization

/// The address at which peers reach this server: set by the operator, or known once it listens.
final class PublicAddress: Sendable {
    private let text: Mutex<String>

    init(_ configuration: Configuration) { text = Mutex(configuration.publicURL ?? "") }

    var base: String { text.withLock { $0 } }

    /// What is listened at; what the operator said goes before.
    func note(_ address: String) {
        text.withLock { if $0.isEmpty { $0 = address } }
    }
}

/// Model files in the data directory, served by this server itself.
struct EmbeddedFiles: Sendable {
    let transfers: DirectoryTransfers
    let files: ModelFiles
}

extension Parts {
    func embeddedFiles(_ configuration: Configuration, at address: PublicAddress) throws -> EmbeddedFiles {
        let blobs = try DirectoryBlobs(at: directory.blobsPath)
        let fresh = try SecureRandom.bytes(32)
        let secret = try directory.secret(named: "files-hmac") { fresh }
        let transfers = DirectoryTransfers(
            blobs, secret: secret.bytes, partRule: configuration.partRule, base: { address.base }, clock: wallClock)
        let record = record
        let files = ModelFiles(
            transfers: transfers, blobs: blobs, ledger: record, settings: configuration.files,
            rooms: { room, limit throws(StoreError) in try await record.roomIDs(after: room, limit: limit) },
            folderAddress: { "embedded:///\($0)" })
        return EmbeddedFiles(transfers: transfers, files: files)
    }
}

extension Configuration {
    var partRule: PartRule {
        PartRule(
            wholeLimit: wholeUploadBytes, partSize: partBytes, partLimit: DirectoryTransfers.defaultRule.partLimit,
            sizeLimit: DirectoryTransfers.defaultRule.sizeLimit)
    }

    var files: FileSettings {
        var settings = FileSettings()
        settings.addressSeconds = Int64(addressSeconds)
        settings.uploadSeconds = Int64(uploadSeconds)
        settings.roomBytes = roomQuotaBytes
        settings.roomModels = roomQuotaModels
        settings.checkSeconds = Int64(fileCheckSeconds)
        settings.graceSeconds = Int64(orphanGraceSeconds)
        return settings
    }
}
