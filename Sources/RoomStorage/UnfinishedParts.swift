import RoomCore

/// An upload in parts that is neither finished nor abandoned, as the store tells it.
package struct UnfinishedParts: Sendable, Hashable {
    package let parts: PartsID
    /// Nil where the store does not know before the end.
    package let key: BlobKey?
    /// When it was begun, or last added to.
    package let changedAt: Timestamp

    package init(parts: PartsID, key: BlobKey?, changedAt: Timestamp) {
        self.parts = parts
        self.key = key
        self.changedAt = changedAt
    }
}

/// Some of a store's unfinished uploads.
package struct UnfinishedPage: Sendable, Hashable {
    package let uploads: [UnfinishedParts]
    /// Where to go on, in the store's own words; nil on the last page.
    package let next: String?

    package init(uploads: [UnfinishedParts], next: String?) {
        self.uploads = uploads
        self.next = next
    }
}
