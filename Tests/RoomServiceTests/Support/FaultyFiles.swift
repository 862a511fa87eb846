import Cryptography
import EmbeddedStorage
import RoomCore
import RoomStorage
import Synchronization

@testable import RoomService

/// A directory's files whose store goes away when a test says so.
final class FaultyFiles: FileTransfers {
    let embedded: DirectoryTransfers
    let blobs: DirectoryBlobs
    private let away = Atomic(false)

    init(at path: String, clock: TestClock) throws {
        blobs = try DirectoryBlobs(at: path)
        embedded = DirectoryTransfers(
            blobs, secret: [UInt8](repeating: 1, count: 32),
            partRule: PartRule(wholeLimit: 100, partSize: 1 << 20, partLimit: 10, sizeLimit: 1 << 30),
            base: { "http://here" }, clock: { clock.now })
    }

    var partRule: PartRule { embedded.partRule }
    func goAway() { away.store(true, ordering: .relaxed) }
    func comeBack() { away.store(false, ordering: .relaxed) }

    private func reach() throws(StoreError) {
        if away.load(ordering: .relaxed) { throw .unavailable("away") }
    }

    func uploadAddress(
        for key: BlobKey, size: Int, sha256: Digest, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress {
        try reach()
        return try await embedded.uploadAddress(for: key, size: size, sha256: sha256, expiry: expiry)
    }
    func beginParts(of key: BlobKey) async throws(StoreError) -> PartsID {
        try reach()
        return try await embedded.beginParts(of: key)
    }
    func partAddress(
        _ part: PartRange, of parts: PartsID, at key: BlobKey, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress {
        try reach()
        return try await embedded.partAddress(part, of: parts, at: key, expiry: expiry)
    }
    func storedParts(of parts: PartsID, at key: BlobKey) async throws(StoreError) -> [StoredPart]? {
        try reach()
        return try await embedded.storedParts(of: parts, at: key)
    }
    func finishParts(_ parts: PartsID, at key: BlobKey, from stored: [StoredPart]) async throws(StoreError) {
        try reach()
        try await embedded.finishParts(parts, at: key, from: stored)
    }
    func abandonParts(_ parts: PartsID, at key: BlobKey) async throws(StoreError) {
        try reach()
        try await embedded.abandonParts(parts, at: key)
    }
    func downloadAddress(for key: BlobKey, expiry: Timestamp) async throws(StoreError) -> SignedAddress {
        try reach()
        return try await embedded.downloadAddress(for: key, expiry: expiry)
    }
    func verification(of key: BlobKey) async throws(StoreError) -> FileVerification? {
        try reach()
        return try await embedded.verification(of: key)
    }
    func digest(of key: BlobKey) async throws(StoreError) -> (size: Int, sha256: Digest)? {
        try reach()
        return try await embedded.digest(of: key)
    }
}
