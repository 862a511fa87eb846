/// The store's name of one upload in parts (S3: the UploadId).
package struct PartsID: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

/// A part that arrived, as the store tells it.
package struct StoredPart: Sendable, Hashable {
    package let number: Int
    package let size: Int
    package let tag: BlobTag

    package init(number: Int, size: Int, tag: BlobTag) {
        self.number = number
        self.size = size
        self.tag = tag
    }
}
