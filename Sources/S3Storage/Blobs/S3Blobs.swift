import RoomCore
import RoomStorage
import Synchronization

/// Blobs as objects of one bucket, and files that peers exchange with it by signed addresses.
///
/// Atomic and durable as S3 is: a put that returned is kept, and readers see it. Where the store writes under conditions
/// (AWS, MinIO, Ceph) ``storeIfAbsent(_:at:)`` and ``replace(_:with:expecting:)`` are one step. Where it answers 501 to
/// them, or refuses an ETag it gave itself, what is there is read, compared and then written: of two servers that do so in
/// the same moment both may believe they were first, so let one server write there, or use another store.
///
/// Two things differ from the port's letter: when every repeat of a write went unanswered, the error does not tell
/// whether the write happened; and ``size(of:)`` takes a missing bucket for a missing object, because HEAD is answered
/// without words. ``probe()`` tells them apart.
package final class S3Blobs: Sendable {
    let client: S3Client
    private let observation: StoreObservation
    /// Set once the store showed that it does not know conditions.
    let lacksConditions = Atomic(false)

    package init(_ settings: S3Settings, _ surroundings: S3Surroundings) {
        client = S3Client(settings, surroundings)
        observation = StoreObservation { surroundings.events(.stateChanged($0)) }
    }

    /// Whether the store answered last; reachable until it was first asked.
    package var state: StoreState { observation.state }

    /// Runs calls, tells the observation how they went, and puts a fault in the port's words.
    func run<Answer>(_ body: (S3Client) async throws(S3Fault) -> Answer) async throws(StoreError) -> Answer {
        do throws(S3Fault) {
            let answer = try await body(client)
            observation.observe(.reachable)
            return answer
        } catch {
            let storeError = error.storeError(bucket: client.settings.bucket, host: client.host)
            observe(error, storeError)
            throw storeError
        }
    }

    private func observe(_ fault: S3Fault, _ error: StoreError) {
        switch fault {
        case .unreached(.cancelled), .unreached(.stoppedByReader), .unreached(.busy): break
        case .unreached, .refused, .noCredentials, .unreadable: observation.observe(.away("\(error)"))
        case .damaged, .tooLarge, .unknownUpload: observation.observe(.reachable)
        }
    }
}

extension S3Blobs: BlobStore {
    package func store(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError) {
        _ = try await run { client throws(S3Fault) in
            try checkSize(bytes, key)
            return try await client.put(bytes, at: client.whole(key.path))
        }
    }

    package func storeIfAbsent(_ bytes: [UInt8], at key: BlobKey) async throws(StoreError) -> Bool {
        try await replace(key, with: bytes, expecting: nil) != nil
    }

    package func load(_ key: BlobKey) async throws(StoreError) -> [UInt8]? { try await loadTagged(key)?.bytes }

    package func loadTagged(_ key: BlobKey) async throws(StoreError) -> TaggedBlob? {
        try await run { client throws(S3Fault) in
            guard let found = try await client.get(client.whole(key.path)) else { return nil }
            return TaggedBlob(bytes: found.bytes, tag: BlobTag(found.tag))
        }
    }

    package func replace(
        _ key: BlobKey, with bytes: [UInt8], expecting tag: BlobTag?
    ) async throws(StoreError) -> BlobTag? {
        try await run { client throws(S3Fault) in
            try checkSize(bytes, key)
            let write = ConditionalWrite(
                client: client, key: client.whole(key.path), bytes: bytes, attempt: client.surroundings.nonce())
            return try await write.run(expecting: tag?.text, lacksConditions: lacksConditions).map { BlobTag($0) }
        }
    }

    package func size(of key: BlobKey) async throws(StoreError) -> Int? {
        try await run { client throws(S3Fault) in try await client.head(client.whole(key.path))?.size }
    }

    package func list(prefix: String, after key: BlobKey?, limit: Int) async throws(StoreError) -> [BlobKey] {
        try await describe(prefix: prefix, after: key, limit: limit).map(\.key)
    }

    package func describe(
        prefix: String, after key: BlobKey?, limit: Int
    ) async throws(StoreError) -> [BlobDescription] {
        guard limit > 0 else { return [] }
        return try await run { client throws(S3Fault) in
            let root = client.whole("")
            var found: [BlobDescription] = []
            var token: String?
            repeat {
                let page = try await client.page(
                    prefix: root + prefix, after: key.map { root + $0.path }, continuing: token,
                    limit: limit - found.count)
                found += page.objects.compactMap { BlobDescription($0, below: root) }
                token = page.next
            } while token != nil && found.count < limit
            return Array(found.prefix(limit))
        }
    }

    package func delete(_ key: BlobKey) async throws(StoreError) {
        try await run { client throws(S3Fault) in try await client.delete(client.whole(key.path)) }
    }

    private func checkSize(_ bytes: [UInt8], _ key: BlobKey) throws(S3Fault) {
        let limit = client.settings.sizeLimit
        guard bytes.count <= limit else { throw .tooLarge(key: key.path, limit: limit) }
    }
}

extension S3Blobs {
    /// Whether the bucket is there and may be written: puts a small object and deletes it.
    package func probe() async throws(StoreError) {
        try await run { client throws(S3Fault) in
            let key = client.whole("probe/\(client.surroundings.nonce())")
            _ = try await client.put(Array("probe".utf8), at: key)
            try await client.delete(key)
        }
    }
}

extension BlobDescription {
    /// Nil for objects of others, whose keys are none of ours.
    fileprivate init?(_ object: ListedObject, below root: String) {
        guard object.key.utf8.starts(with: root.utf8), let key = BlobKey(String(object.key.dropFirst(root.count)))
        else {
            return nil
        }
        self.init(key: key, size: object.size, modifiedAt: object.modifiedAt)
    }
}
