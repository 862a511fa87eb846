import Cryptography
import Glibc
import RoomCore
import RoomStorage

/// ``FileTransfers`` over a directory: peers exchange files with the server itself, at addresses that it sealed.
///
/// ```
/// part 2 of an upload   →   <root>/@parts/<upload>/2@
/// ```
/// The directory keeps no digests, so ``verification(of:)`` tells sizes alone and files are read back to be verified.
package final class DirectoryTransfers: FileTransfers {
    package let partRule: PartRule
    let blobs: DirectoryBlobs
    let seal: AddressSeal
    let clock: @Sendable () -> Timestamp
    /// `https://rooms.example.org`: known once the server listens.
    private let base: @Sendable () -> String

    package static let defaultRule = PartRule(
        wholeLimit: 64 << 20, partSize: 16 << 20, partLimit: 10_000, sizeLimit: 1 << 40)

    /// - Parameter secret: 32 random bytes, the same on every start, or addresses given out before are worth nothing.
    package init(
        _ blobs: DirectoryBlobs, secret: [UInt8], partRule: PartRule = DirectoryTransfers.defaultRule,
        base: @escaping @Sendable () -> String, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.blobs = blobs
        self.partRule = partRule
        self.base = base
        self.clock = clock
        seal = AddressSeal(secret: secret)
    }

    package func uploadAddress(
        for key: BlobKey, size: Int, sha256: Digest, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress {
        var grant = AddressSeal.Grant(method: "PUT", key: key, expires: expiry.seconds)
        grant.size = size
        grant.sha256 = sha256
        return signed(grant)
    }

    package func partAddress(
        _ part: PartRange, of parts: PartsID, at key: BlobKey, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress {
        var grant = AddressSeal.Grant(method: "PUT", key: key, expires: expiry.seconds)
        grant.size = part.size
        grant.parts = parts
        grant.part = part.number
        return signed(grant)
    }

    package func downloadAddress(for key: BlobKey, expiry: Timestamp) async throws(StoreError) -> SignedAddress {
        signed(AddressSeal.Grant(method: "GET", key: key, expires: expiry.seconds))
    }

    private func signed(_ grant: AddressSeal.Grant) -> SignedAddress {
        SignedAddress(method: grant.method, url: seal.address(of: grant, base: base()), headers: [])
    }

    package func verification(of key: BlobKey) async throws(StoreError) -> FileVerification? {
        try await blobs.size(of: key).map { FileVerification(size: $0, sha256: nil) }
    }

    package func digest(of key: BlobKey) async throws(StoreError) -> (size: Int, sha256: Digest)? {
        let found = try await blobs.runAside { blobs throws(FileFault) -> HashedFile? in
            guard let file = try blobs.file(at: key) else { return nil }
            var hash = SHA256Stream()
            let size = try file.eachPiece { bytes throws(FileFault) in hash.update(bytes) }
            return HashedFile(size: size, sha256: Digest(trusted: hash.hex()))
        }
        return found.map { ($0.size, $0.sha256) }
    }
}

private struct HashedFile: Sendable {
    let size: Int
    let sha256: Digest
}

// MARK: - Parts

extension DirectoryTransfers {
    package func beginParts(of key: BlobKey) async throws(StoreError) -> PartsID {
        let name: String
        do { name = try SecureRandom.hex(bytes: 16) } catch {
            throw .unavailable("no random bytes are to be had: \(error)")
        }
        try await blobs.runAside { blobs throws(FileFault) in
            _ = try blobs.root.madeDirectory(DirectoryBlobs.partsName).madeDirectory(name)
        }
        return PartsID(name)
    }

    package func storedParts(of parts: PartsID, at key: BlobKey) async throws(StoreError) -> [StoredPart]? {
        try await blobs.runAside { blobs throws(FileFault) in try blobs.parts(parts) }
    }

    package func finishParts(
        _ parts: PartsID, at key: BlobKey, from stored: [StoredPart]
    ) async throws(StoreError) {
        try await blobs.runAside { blobs throws(FileFault) in
            // Gone: it was finished before, or abandoned; what is at the key tells.
            guard let directory = try blobs.partsDirectory(parts) else {
                guard try blobs.file(at: key) != nil else { throw FileFault(code: ENOENT, "joining", key.path) }
                return
            }
            let staged = try blobs.staging.stagedFile(mode: 0o600)
            do throws(FileFault) {
                for part in stored.sorted(by: { $0.number < $1.number }) {
                    guard let file = try directory.file("\(part.number)@"), try file.size() == part.size else {
                        throw FileFault(code: ENOENT, "joining", key.path)
                    }
                    _ = try file.eachPiece { bytes throws(FileFault) in try staged.file.write(bytes) }
                }
                try staged.file.sync()
                try blobs.put(staged.name, as: key.fileName, in: key.directories)
            } catch {
                _ = try? blobs.staging.removeFile(staged.name)
                throw error
            }
            try blobs.removeParts(parts)
        }
    }

    package func abandonParts(_ parts: PartsID, at key: BlobKey) async throws(StoreError) {
        try await blobs.runAside { blobs throws(FileFault) in try blobs.removeParts(parts) }
    }

    private static let unfinishedPage = 1_000

    /// The directory of an upload does not tell its key, so all are told of.
    package func unfinishedParts(
        prefix: String, after marker: String?
    ) async throws(StoreError) -> UnfinishedPage {
        try await blobs.runAside { blobs throws(FileFault) in
            guard let all = try blobs.root.directory(DirectoryBlobs.partsName) else {
                return UnfinishedPage(uploads: [], next: nil)
            }
            let names = try all.names().filter { marker == nil || $0 > marker ?? "" }.sorted()
            var found: [UnfinishedParts] = []
            for name in names.prefix(Self.unfinishedPage) {
                // Finished since it was listed: it is not there.
                guard let changedAt = try all.directory(name)?.changedAt() else { continue }
                found.append(UnfinishedParts(parts: PartsID(name), key: nil, changedAt: changedAt))
            }
            let isLast = names.count <= Self.unfinishedPage
            return UnfinishedPage(uploads: found, next: isLast ? nil : names[Self.unfinishedPage - 1])
        }
    }

    package func abandon(_ unfinished: UnfinishedParts) async throws(StoreError) {
        try await blobs.runAside { blobs throws(FileFault) in try blobs.removeParts(unfinished.parts) }
    }
}

// MARK: - Served by this server

extension DirectoryTransfers: ServedFiles {
    package func receive(at address: AskedAddress) async throws(ServedFileFault) -> any FileArrival {
        let grant = try seal.open(address, at: clock())
        guard grant.method == "PUT", let size = grant.size else { throw .forged }
        let goal: ArrivingFile.Goal
        if let parts = grant.parts, let part = grant.part {
            goal = ArrivingFile.Goal(
                directories: [DirectoryBlobs.partsName, parts.text], name: "\(part)@", expectedSize: size,
                expectedDigest: nil)
        } else if let sha256 = grant.sha256 {
            goal = ArrivingFile.Goal(
                directories: grant.key.directories, name: grant.key.fileName, expectedSize: size,
                expectedDigest: sha256.text)
        } else {
            throw .forged
        }
        do throws(StoreError) {
            return try await blobs.runAside { blobs throws(FileFault) in
                // An upload that was finished or abandoned takes no more parts.
                if let parts = grant.parts, try blobs.partsDirectory(parts) == nil {
                    throw FileFault(code: ENOENT, "looking for", "the upload")
                }
                return try ArrivingFile(blobs, goal: goal)
            }
        } catch {
            throw .store(error)
        }
    }

    package func open(at address: AskedAddress) async throws(ServedFileFault) -> any FileReading {
        let grant = try seal.open(address, at: clock())
        guard grant.method == "GET" else { throw .forged }
        let found: StandingFile?
        do throws(StoreError) {
            found = try await blobs.runAside { blobs throws(FileFault) in try StandingFile(blobs, grant.key) }
        } catch {
            throw .store(error)
        }
        guard let found else { throw .notFound }
        return found
    }
}
