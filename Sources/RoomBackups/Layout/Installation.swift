import JSONWire
import RoomStorage

/// Whose backups a bucket holds: one installation is one record, whatever number of servers share it.
package struct Installation: Sendable {
    private let blobs: any BlobStore
    private let source: any BackupSource
    private let adopts: Bool
    private let candidate: @Sendable () -> String

    private static let name = "installation"

    /// - Parameter adopts: take over a bucket of another installation.
    /// - Parameter candidate: makes a new random name.
    package init(
        _ blobs: any BlobStore, _ source: any BackupSource, adopts: Bool, candidate: @escaping @Sendable () -> String
    ) {
        self.blobs = blobs
        self.source = source
        self.adopts = adopts
        self.candidate = candidate
    }

    /// The name in the bucket; nil when it holds no backups.
    package func found() async throws -> String? {
        let key = BackupLayout.installation
        guard let bytes = try await blobs.load(key) else { return nil }
        guard let object = (try? JSONValue.parse(bytes, maxDepth: 4))?.objectValue,
            let id = object["installation"]?.stringValue, let format = object["format"]?.intValue
        else { throw BackupFault.damaged("\(key) cannot be read: write it anew, or name another bucket or prefix") }
        guard format <= BackupLayout.format else { throw BackupFault.newerFormat(format) }
        return id
    }

    /// Makes sure that the bucket is ours. A record without rooms and users becomes the installation it finds there;
    /// one that finds no backups gives the bucket its name, and has every room backed up anew.
    package func settle() async throws {
        let found = try await found()
        let isEmpty = try await source.isEmpty()
        let offered = isEmpty ? found ?? candidate() : candidate()
        let ours = try await source.installationValue(Self.name, orElse: offered)
        guard found != ours else { return }
        if let found, !adopts { throw BackupFault.otherInstallation(found: found, ours: ours) }
        let text = JSONValue.object(["format": .integer(BackupLayout.format), "installation": .string(ours)]).encoded()
        try await source.forgetBackups()
        try await blobs.store(text, at: BackupLayout.installation)
    }
}
