import RoomCore

/// What a store vouches for about a file.
package struct FileVerification: Sendable, Equatable {
    package let size: Int
    /// Nil where the store did not verify the whole file on receipt: then read it back.
    package let sha256: Digest?

    package init(size: Int, sha256: Digest?) {
        self.size = size
        self.sha256 = sha256
    }
}
