import RoomCore

/// What a listing tells of one blob.
package struct BlobDescription: Sendable, Equatable {
    package let key: BlobKey
    package let size: Int
    package let modifiedAt: Timestamp

    package init(key: BlobKey, size: Int, modifiedAt: Timestamp) {
        self.key = key
        self.size = size
        self.modifiedAt = modifiedAt
    }
}
