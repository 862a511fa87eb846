import RoomCore
import RoomStorage

/// File transfers, the blobs they stand beside, and what a duty needs of the world around them.
package struct FileTransfersUnderTest: Sendable {
    package let transfers: any FileTransfers
    package let blobs: any BlobStore
    /// Makes a signed request with a body as a peer would: with its headers and no others of meaning.
    package let send: @Sendable (SignedAddress, [UInt8]?) async throws -> PeerAnswer
    package let sha256: @Sendable ([UInt8]) -> Digest
    /// The store's time.
    package let now: @Sendable () -> Timestamp

    package init(
        transfers: any FileTransfers, blobs: any BlobStore,
        send: @escaping @Sendable (SignedAddress, [UInt8]?) async throws -> PeerAnswer,
        sha256: @escaping @Sendable ([UInt8]) -> Digest, now: @escaping @Sendable () -> Timestamp
    ) {
        self.transfers = transfers
        self.blobs = blobs
        self.send = send
        self.sha256 = sha256
        self.now = now
    }

    /// Every page of the unfinished uploads.
    func unfinished(prefix: String) async throws -> [UnfinishedParts] {
        var found: [UnfinishedParts] = []
        var marker: String?
        repeat {
            let page = try await transfers.unfinishedParts(prefix: prefix, after: marker)
            found += page.uploads
            marker = page.next
        } while marker != nil
        return found
    }

    var soon: Timestamp { now().advanced(bySeconds: 300) }
}

/// What a peer was answered.
package struct PeerAnswer: Sendable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    var isSuccess: Bool { (200...299).contains(status) }
}
