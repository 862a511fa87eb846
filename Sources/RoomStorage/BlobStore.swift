import RoomCore

/// Bytes of models and backups, by key.
///
/// Duties: ``store(_:at:)`` is atomic and durable when it returns (a reader sees the old bytes or the new, never a
/// part, also after a crash); listing is by prefix and in byte order; deleting what is not there is no error. Of
/// writers that replace one version, each expecting it, one succeeds; where a store cannot compare and write in one
/// step, its documentation says so.
package protocol BlobStore: Sendable {
    func store(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError)
    /// Stores only where nothing is; false when something was there.
    func storeIfAbsent(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError) -> Bool
    /// Nil when there is nothing at the key.
    func load(_ key: BlobKey) async throws(StoreError) -> [UInt8]?
    /// Nil when there is nothing at the key.
    func loadTagged(_ key: BlobKey) async throws(StoreError) -> TaggedBlob?
    /// Stores only where the version with this tag still is (nil: where nothing is); the new tag, or nil when another
    /// writer was first.
    func replace(
        _ key: BlobKey, with bytes: [UInt8], expecting tag: BlobTag?
    ) async throws(StoreError) -> BlobTag?
    func size(of key: BlobKey) async throws(StoreError) -> Int?
    /// Keys that begin with a prefix, in byte order, after `key` when given, at most `limit`.
    func list(prefix: String, after key: BlobKey?, limit: Int) async throws(StoreError) -> [BlobKey]
    /// The same keys with their sizes and the moments they were last written.
    func describe(prefix: String, after key: BlobKey?, limit: Int) async throws(StoreError) -> [BlobDescription]
    func delete(_ key: BlobKey) async throws(StoreError)
}

/// A relative path of 1–512 bytes: segments of `A–Z a–z 0–9 _ - . =` parted by `/`, none of them empty, `.` or `..`.
package struct BlobKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let path: String

    package init?(_ path: String) {
        let bytes = path.utf8
        guard (1...512).contains(bytes.count) else { return nil }
        for segment in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard (1...200).contains(segment.count), segment.allSatisfy(Self.allows) else { return nil }
            let dots = segment.allSatisfy { $0 == UInt8(ascii: ".") }
            guard !(dots && segment.count <= 2) else { return nil }
        }
        self.path = path
    }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0x3D: true
        default: false
        }
    }

    package var description: String { path }

    package static func < (left: BlobKey, right: BlobKey) -> Bool {
        left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }
}
