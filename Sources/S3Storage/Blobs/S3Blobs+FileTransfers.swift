import Cryptography
import HTTPFetching
import RoomCore
import RoomStorage

/// Signed addresses lead to the endpoint of the settings: peers must reach it by that name. Those signed with temporary
/// credentials end with the credentials, if that is sooner than their expiry; none is good for more than seven days.
extension S3Blobs: FileTransfers {
    package var partRule: PartRule { client.settings.partRule }

    package func uploadAddress(
        for key: BlobKey, size: Int, sha256: Digest, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress {
        let headers = [
            ("content-length", String(size)), ("x-amz-checksum-sha256", Base64.encode(sha256.bytes)),
        ]
        return try await address(.put, key, headers: headers, expiry: expiry)
    }

    package func beginParts(of key: BlobKey) async throws(StoreError) -> PartsID {
        try await run { client throws(S3Fault) in
            PartsID(try await client.createUpload(of: client.whole(key.path)))
        }
    }

    package func partAddress(
        _ part: PartRange, of parts: PartsID, at key: BlobKey, expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress {
        try await address(
            .put, key, query: [("partNumber", String(part.number)), ("uploadId", parts.text)],
            headers: [("content-length", String(part.size))], expiry: expiry)
    }

    package func storedParts(of parts: PartsID, at key: BlobKey) async throws(StoreError) -> [StoredPart]? {
        try await run { client throws(S3Fault) in
            try await client.parts(of: parts.text, at: client.whole(key.path))
        }
    }

    package func finishParts(
        _ parts: PartsID, at key: BlobKey, from stored: [StoredPart]
    ) async throws(StoreError) {
        try await run { client throws(S3Fault) in
            try await client.completeUpload(parts.text, at: client.whole(key.path), stored)
        }
    }

    package func abandonParts(_ parts: PartsID, at key: BlobKey) async throws(StoreError) {
        try await run { client throws(S3Fault) in
            try await client.abortUpload(parts.text, at: client.whole(key.path))
        }
    }

    package func unfinishedParts(
        prefix: String, after marker: String?
    ) async throws(StoreError) -> UnfinishedPage {
        try await run { client throws(S3Fault) in
            let root = client.whole("")
            let page = try await client.unfinishedUploads(
                prefix: root + prefix, after: marker.flatMap(UploadMarker.init))
            let uploads = page.uploads.compactMap { upload -> UnfinishedParts? in
                guard upload.key.utf8.starts(with: root.utf8),
                    let key = BlobKey(String(upload.key.dropFirst(root.count)))
                else { return nil }
                return UnfinishedParts(parts: PartsID(upload.id), key: key, changedAt: upload.begunAt)
            }
            return UnfinishedPage(uploads: uploads, next: page.next?.text)
        }
    }

    package func abandon(_ unfinished: UnfinishedParts) async throws(StoreError) {
        guard let key = unfinished.key else { return }
        try await abandonParts(unfinished.parts, at: key)
    }

    package func downloadAddress(for key: BlobKey, expiry: Timestamp) async throws(StoreError) -> SignedAddress {
        try await address(.get, key, headers: [], expiry: expiry)
    }

    package func verification(of key: BlobKey) async throws(StoreError) -> FileVerification? {
        try await run { client throws(S3Fault) in
            try await client.head(client.whole(key.path)).map { FileVerification(size: $0.size, sha256: $0.sha256) }
        }
    }

    package func digest(of key: BlobKey) async throws(StoreError) -> (size: Int, sha256: Digest)? {
        try await run { client throws(S3Fault) in try await client.digest(of: client.whole(key.path)) }
    }

    private func address(
        _ method: FetchMethod, _ key: BlobKey, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)], expiry: Timestamp
    ) async throws(StoreError) -> SignedAddress {
        let call = S3Call(method: method, key: client.whole(key.path), query: query, headers: headers)
        // Nothing is asked of the store here, so its state is left as it is.
        do throws(S3Fault) {
            let url = try await client.presigned(call, until: expiry)
            return SignedAddress(method: method.rawValue, url: url, headers: headers)
        } catch {
            throw error.storeError(bucket: client.settings.bucket, host: client.host)
        }
    }
}

extension Digest {
    fileprivate var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
