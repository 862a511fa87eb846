import Cryptography
import EmbeddedStorage
import Logging
import RoomBackups
import RoomCore
import RoomService
import RoomStorage
import S3Storage
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

/// Model files, in the object store or in the data directory.
struct StoredFiles: Sendable {
    let files: ModelFiles
    /// What this server serves itself; nil where peers go to the object store.
    let served: (any ServedFiles)?
    let condition: any StoreCondition
}

extension Parts {
    func files(_ configuration: Configuration, at address: PublicAddress, logger: Logger) throws -> StoredFiles {
        guard let store = configuration.objectStore else { return try embeddedFiles(configuration, at: address) }
        let rule = S3Settings.partRule(wholeLimit: configuration.wholeUploadBytes, partSize: configuration.partBytes)
        let blobs = try S3Blobs(store, partRule: rule, logger: logger)
        let record = record
        let folder = store.prefix.isEmpty ? "" : store.prefix.hasSuffix("/") ? store.prefix : "\(store.prefix)/"
        let files = ModelFiles(
            transfers: blobs, blobs: blobs, ledger: record, settings: configuration.files,
            rooms: { room, limit throws(StoreError) in try await record.roomIDs(after: room, limit: limit) },
            folderAddress: { "s3://\(store.bucket)/\(folder)\($0)" })
        let condition = BlobCondition(looking: try S3Blobs(store, patience: .seconds(2), logger: logger), using: blobs)
        return StoredFiles(files: files, served: nil, condition: condition)
    }

    private func embeddedFiles(_ configuration: Configuration, at address: PublicAddress) throws -> StoredFiles {
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
        return StoredFiles(files: files, served: transfers, condition: StandingDirectory())
    }
}

/// Whether the object store can be used: it is asked now and then also when nobody else asks, and what others met of
/// it counts too, such as a right to write that is gone.
private final class BlobCondition: StoreCondition {
    private let looking: S3Blobs
    private let used: S3Blobs
    private let looks = Atomic(0)

    private static let looksPerQuestion = 5

    init(looking: S3Blobs, using used: S3Blobs) {
        self.looking = looking
        self.used = used
    }

    func condition() async -> StoreState {
        let number = looks.wrappingAdd(1, ordering: .relaxed).oldValue
        if !looking.state.isReachable || number % Self.looksPerQuestion == 0 {
            _ = try? await looking.load(BackupLayout.installation)
        }
        return looking.state.isReachable ? await used.condition() : looking.state
    }
}

/// The data directory is looked after with the record.
private struct StandingDirectory: StoreCondition {
    func condition() async -> StoreState { .reachable }
}

extension S3Blobs: StoreCondition {
    /// - Parameter patience: how long a call is tried again before the store counts as away.
    convenience init(
        _ store: Configuration.ObjectStore, patience: Duration = .seconds(20),
        partRule: PartRule = S3Settings.partRule(), logger: Logger
    ) throws {
        do throws(S3SettingsFault) {
            try self.init(
                S3Settings(
                    bucket: store.bucket, prefix: store.prefix, endpoint: store.endpoint.map(S3Endpoint.init),
                    pathStyle: store.usesPathStyle, region: store.region, caFile: store.caFile,
                    credentials: S3CredentialsSource(environment: store.credentials, region: store.region),
                    patience: patience, partRule: partRule),
                S3Surroundings(
                    clock: wallClock,
                    events: { logger.warning("object store", metadata: ["event": "\($0)"]) }))
        } catch {
            throw ConfigurationFault("SLEAP_ROOMS_S3_…", "…", "\(error)")
        }
    }

    /// A store that is away is tried; one that is reachable says so by what it is used for.
    package func condition() async -> StoreState {
        if case .away = state { try? await probe() }
        return state
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
        settings.deletedRoomSeconds = Int64(backupDailySeconds)
        return settings
    }
}
