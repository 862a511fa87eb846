import RoomStorage
import Synchronization

/// A store that lists no more rooms once a test says so, and does everything else.
final class FailingLists: BlobStore {
    private let store: any BlobStore
    private let isFailing = Atomic(false)
    private let failed = Atomic(0)

    init(_ store: any BlobStore) { self.store = store }

    func fail() { isFailing.store(true, ordering: .relaxed) }
    var failures: Int { failed.load(ordering: .relaxed) }

    func list(prefix: String, after key: BlobKey?, limit: Int) async throws(StoreError) -> [BlobKey] {
        if prefix == "rooms/", isFailing.load(ordering: .relaxed) {
            failed.add(1, ordering: .relaxed)
            throw .unavailable("as the test wants it")
        }
        return try await store.list(prefix: prefix, after: key, limit: limit)
    }
}

extension FailingLists {
    func store(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError) { try await store.store(bytes, at: key) }
    func storeIfAbsent(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError) -> Bool {
        try await store.storeIfAbsent(bytes, at: key)
    }
    func load(_ key: BlobKey) async throws(StoreError) -> [UInt8]? { try await store.load(key) }
    func loadTagged(_ key: BlobKey) async throws(StoreError) -> TaggedBlob? { try await store.loadTagged(key) }
    func replace(
        _ key: BlobKey, with bytes: [UInt8], expecting tag: BlobTag?
    ) async throws(StoreError) -> BlobTag? { try await store.replace(key, with: bytes, expecting: tag) }
    func size(of key: BlobKey) async throws(StoreError) -> Int? { try await store.size(of: key) }
    func describe(
        prefix: String, after key: BlobKey?, limit: Int
    ) async throws(StoreError) -> [BlobDescription] {
        try await store.describe(prefix: prefix, after: key, limit: limit)
    }
    func delete(_ key: BlobKey) async throws(StoreError) { try await store.delete(key) }
}
