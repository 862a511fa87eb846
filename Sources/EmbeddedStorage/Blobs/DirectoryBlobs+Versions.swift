import Glibc
import RoomStorage

/// A version is the file itself: each write makes a new one.
extension DirectoryBlobs {
    package func loadTagged(_ key: BlobKey) async throws(StoreError) -> TaggedBlob? {
        try await run(at: key) { blobs throws(FileFault) in
            guard let file = try blobs.file(at: key) else { return nil }
            return TaggedBlob(bytes: try file.read(upTo: blobs.sizeLimit), tag: BlobTag(try file.status()))
        }
    }

    /// Those who replace one key take turns, in this process and in others; whoever stores without expecting anything
    /// does not wait for them.
    package func replace(
        _ key: BlobKey, with bytes: [UInt8], expecting tag: BlobTag?
    ) async throws(StoreError) -> BlobTag? {
        try await run(at: key) { blobs throws(FileFault) in
            let turn = try blobs.staging.madeFile(key.turnFile, mode: 0o600)
            try turn.lock()
            let standing = try blobs.tag(at: key)
            guard standing == tag, try blobs.place(bytes, at: key, tag == nil ? .ifAbsent : .replacing) else {
                return nil
            }
            return try blobs.tag(at: key)
        }
    }

    private func tag(at key: BlobKey) throws(FileFault) -> BlobTag? {
        guard let file = try file(at: key) else { return nil }
        return BlobTag(try file.status())
    }
}

extension BlobKey {
    /// The file whose lock is the turn: one of a few, so that keys seldom wait for each other and files do not pile up.
    /// Every process comes to the same one (FNV-1a, RFC draft-eastlake-fnv section 2).
    var turnFile: String {
        let hash = path.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return "@replacing-\(hash % 64)"
    }
}

extension BlobTag {
    init(_ status: stat) {
        self.init("\(status.st_ino)-\(status.st_mtim.tv_sec)-\(status.st_mtim.tv_nsec)-\(status.st_size)")
    }
}
