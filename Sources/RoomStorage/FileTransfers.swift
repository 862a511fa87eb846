import RoomCore

/// Files too large to pass through the server: peers exchange them with the store directly by signed addresses.
///
/// Duties: an address works until its expiry for exactly what it was signed for, and for nothing afterwards; parts
/// stored under one upload stay until it is finished or abandoned, so an upload that broke off goes on from
/// ``storedParts(of:at:)``; nothing is at the key before ``finishParts(_:at:from:)`` returns; finishing and abandoning
/// may be repeated. A signed address is a credential: it is never logged.
package protocol FileTransfers: Sendable {
    /// How large a file may be, and into which parts it is cut.
    var partRule: PartRule { get }

    /// Where and how to PUT a whole file; good until `expiry`, for exactly this size and, where the store checks it,
    /// this digest.
    func uploadAddress(
        for key: BlobKey, size: Int, sha256: Digest, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress

    /// Begins an upload in parts; several of one key may be under way, the last one finished stays.
    func beginParts(of key: BlobKey) async throws(StoreError) -> PartsID

    /// Where and how to PUT one part; a part that is stored again replaces the earlier one of its number.
    func partAddress(
        _ part: PartRange, of parts: PartsID, at key: BlobKey, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress

    /// The parts that arrived, by number. Nil when this upload is not known any more.
    func storedParts(of parts: PartsID, at key: BlobKey) async throws(StoreError) -> [StoredPart]?

    /// Joins the parts to the file at the key.
    func finishParts(_ parts: PartsID, at key: BlobKey, from stored: [StoredPart]) async throws(StoreError)

    /// Drops an upload and its parts; no error when it is not known.
    func abandonParts(_ parts: PartsID, at key: BlobKey) async throws(StoreError)

    /// Uploads in parts that nobody finished or abandoned, of keys that begin with a prefix (where the store knows the
    /// key), each on one page.
    func unfinishedParts(prefix: String, after marker: String?) async throws(StoreError) -> UnfinishedPage

    /// Drops one of them, like ``abandonParts(_:at:)``.
    func abandon(_ unfinished: UnfinishedParts) async throws(StoreError)

    /// Where to GET a file; whether it is there shows only then.
    func downloadAddress(for key: BlobKey, expiry: Timestamp) async throws(StoreError) -> SignedAddress

    /// The size and, where the store keeps one of the whole object, the SHA-256 it verified on receipt; nil when there
    /// is nothing at the key.
    func verification(of key: BlobKey) async throws(StoreError) -> FileVerification?

    /// Reads it all back and hashes it, never holding it whole; nil when there is nothing at the key.
    func digest(of key: BlobKey) async throws(StoreError) -> (size: Int, sha256: Digest)?
}
