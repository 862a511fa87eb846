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
    private let isRefusingLists = Atomic(false)
    private let isHolding = Atomic(false)
    private let isHoldingAfter = Atomic(false)
    private let heldDigests = Atomic(0)

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
    /// The right to list uploads in parts is taken away.
    func refuseLists() { isRefusingLists.store(true, ordering: .relaxed) }
    /// Files are not read back before ``release()``, as on a server that stands still.
    func holdDigests() { isHolding.store(true, ordering: .relaxed) }
    /// They are read back, and what was found is told only after ``release()``.
    func holdDigestsOnceRead() { isHoldingAfter.store(true, ordering: .relaxed) }
    func release() {
        isHolding.store(false, ordering: .relaxed)
        isHoldingAfter.store(false, ordering: .relaxed)
    }
    var held: Int { heldDigests.load(ordering: .relaxed) }

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
    func unfinishedParts(prefix: String, after marker: String?) async throws(StoreError) -> UnfinishedPage {
        try reach()
        if isRefusingLists.load(ordering: .relaxed) { throw .refused("no right to list") }
        return try await embedded.unfinishedParts(prefix: prefix, after: marker)
    }
    func abandon(_ unfinished: UnfinishedParts) async throws(StoreError) {
        try reach()
        try await embedded.abandon(unfinished)
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
        try await wait { isHolding.load(ordering: .relaxed) }
        let digest = try await embedded.digest(of: key)
        try await wait { isHoldingAfter.load(ordering: .relaxed) }
        return digest
    }

    private func wait(while isHeld: () -> Bool) async throws(StoreError) {
        guard isHeld() else { return }
        heldDigests.add(1, ordering: .relaxed)
        let end = ContinuousClock.now + .seconds(20)
        while isHeld() {
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(2))) != nil else {
                throw .unavailable("never released")
            }
        }
    }
}
