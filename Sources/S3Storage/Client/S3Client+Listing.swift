import RoomCore

/// One object of a listing.
struct ListedObject: Sendable, Equatable {
    /// Whole, with the prefix.
    let key: String
    let size: Int
    let modifiedAt: Timestamp
}

/// One page of ListObjectsV2.
struct ObjectPage: Sendable {
    let objects: [ListedObject]
    /// Nil on the last page.
    let next: String?
}

extension S3Client {
    static let pageLimit = 1_000

    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html)
    func page(
        prefix: String, after key: String?, continuing token: String?, limit: Int
    ) async throws(S3Fault) -> ObjectPage {
        var call = S3Call(method: .get, key: nil)
        // Keys of others may hold characters XML cannot; encoded they cannot hurt.
        call.query = [
            ("list-type", "2"), ("encoding-type", "url"), ("prefix", prefix),
            ("max-keys", String(min(Self.pageLimit, limit))),
        ]
        if let token {
            call.query.append(("continuation-token", token))
        } else if let key {
            call.query.append(("start-after", key))
        }
        let document = try await perform(call).document(named: "ListBucketResult")
        var objects: [ListedObject] = []
        for element in document.all("Contents") {
            guard let object = ListedObject(element) else { throw .unreadable("a listing with a broken entry") }
            objects.append(object)
        }
        guard document.text(of: "IsTruncated") == "true" else { return ObjectPage(objects: objects, next: nil) }
        guard let next = document.text(of: "NextContinuationToken"), next != token else {
            throw .unreadable("a listing that does not go on")
        }
        return ObjectPage(objects: objects, next: next)
    }
}

extension ListedObject {
    init?(_ element: XMLElement) {
        guard let key = element.text(of: "Key").flatMap(PercentEncoding.decode),
            let size = element.text(of: "Size").flatMap({ Int($0) }), size >= 0,
            let modifiedAt = element.text(of: "LastModified").flatMap({ Timestamp($0) })
        else { return nil }
        self.init(key: key, size: size, modifiedAt: modifiedAt)
    }
}
