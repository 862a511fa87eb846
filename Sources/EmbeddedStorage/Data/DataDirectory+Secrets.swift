import Glibc
import RoomStorage

/// A secret as it was read from its file.
package struct StoredSecret: Sendable, Equatable {
    package let bytes: [UInt8]
    /// Whether its file may be read by others than its owner: worth a warning.
    package let isReadableByOthers: Bool

    package init(bytes: [UInt8], isReadableByOthers: Bool) {
        self.bytes = bytes
        self.isReadableByOthers = isReadableByOthers
    }
}

/// Secrets are whole or absent, also after a crash, and their files are for their owner alone (0600).
extension DataDirectory {
    package static let secretLimit = 64 << 10

    package func storeSecret(_ bytes: [UInt8], named name: String) throws(DataDirectoryError) {
        _ = try place(bytes, named: name, .replacing)
    }

    /// Nil when there is none of this name.
    package func secret(named name: String) throws(DataDirectoryError) -> StoredSecret? {
        try checkName(name)
        do throws(FileFault) {
            guard let file = try OpenDirectory(path: keysPath).file(name) else { return nil }
            let isReadable = try file.permissions() & 0o077 != 0
            return StoredSecret(bytes: try file.read(upTo: Self.secretLimit), isReadableByOthers: isReadable)
        } catch {
            if error.code == EFBIG { throw .secretTooLarge(name: name, limit: Self.secretLimit) }
            throw .unreadable(path: "\(keysPath)/\(name)", reason: error.reason)
        }
    }

    /// The secret of this name, made when there is none. Two processes that make it at once agree on one.
    package func secret(
        named name: String, orMake make: () -> [UInt8]
    ) throws(DataDirectoryError) -> StoredSecret {
        if let secret = try secret(named: name) { return secret }
        let made = make()
        _ = try place(made, named: name, .ifAbsent)
        return try secret(named: name) ?? StoredSecret(bytes: made, isReadableByOthers: false)
    }

    private func place(_ bytes: [UInt8], named name: String, _ placing: Placing) throws(DataDirectoryError) -> Bool {
        try checkName(name)
        guard bytes.count <= Self.secretLimit else { throw .secretTooLarge(name: name, limit: Self.secretLimit) }
        do throws(FileFault) {
            let keys = try OpenDirectory(path: keysPath)
            return try keys.place(bytes, as: name, mode: 0o600, placing, staging: keys)
        } catch {
            throw DataDirectoryError(error, at: keysPath)
        }
    }

    /// A secret's name is one segment of a blob's key.
    private func checkName(_ name: String) throws(DataDirectoryError) {
        guard BlobKey(name) != nil, !name.utf8.contains(UInt8(ascii: "/")) else { throw .invalidSecretName(name) }
    }
}
