/// The bytes at a key and the store's tag of this very version of them.
package struct TaggedBlob: Sendable, Equatable {
    package let bytes: [UInt8]
    package let tag: BlobTag

    package init(bytes: [UInt8], tag: BlobTag) {
        self.bytes = bytes
        self.tag = tag
    }
}

/// What a store calls one version of the bytes at a key (S3: the ETag); opaque to everyone else.
///
/// Two versions of equal bytes may share a tag: S3's is a digest of the bytes.
package struct BlobTag: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }
}
