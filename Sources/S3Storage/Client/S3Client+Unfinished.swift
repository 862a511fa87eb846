import RoomCore

/// One upload in parts that is neither completed nor aborted.
struct UnfinishedUpload: Sendable, Equatable {
    /// Whole, with the prefix.
    let key: String
    let id: String
    let begunAt: Timestamp
}

/// Where a listing of uploads goes on.
struct UploadMarker: Sendable, Equatable {
    let key: String
    let id: String

    init(key: String, id: String) {
        self.key = key
        self.id = id
    }

    /// The key and the id on a line each: a key of ours has no line break.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard lines.count == 2 else { return nil }
        self.init(key: String(lines[0]), id: String(lines[1]))
    }

    var text: String { "\(key)\n\(id)" }
}

extension S3Client {
    /// One page (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html).
    func unfinishedUploads(
        prefix: String, after marker: UploadMarker?
    ) async throws(S3Fault) -> (uploads: [UnfinishedUpload], next: UploadMarker?) {
        var call = S3Call(method: .get, key: nil)
        call.query = [
            ("uploads", ""), ("encoding-type", "url"), ("prefix", prefix), ("max-uploads", String(Self.pageLimit)),
        ]
        if let marker { call.query += [("key-marker", marker.key), ("upload-id-marker", marker.id)] }
        let document = try await perform(call).document(named: "ListMultipartUploadsResult")
        var uploads: [UnfinishedUpload] = []
        for element in document.all("Upload") {
            guard let upload = UnfinishedUpload(element) else { throw .unreadable("a listing with a broken upload") }
            // Some servers do not look at the prefix.
            if upload.key.utf8.starts(with: prefix.utf8) { uploads.append(upload) }
        }
        guard document.text(of: "IsTruncated") == "true" else { return (uploads, nil) }
        guard let key = document.text(of: "NextKeyMarker").flatMap(PercentEncoding.decode),
            let id = document.text(of: "NextUploadIdMarker"), UploadMarker(key: key, id: id) != marker
        else { throw .unreadable("a listing of uploads that does not go on") }
        return (uploads, UploadMarker(key: key, id: id))
    }
}

extension UnfinishedUpload {
    fileprivate init?(_ element: XMLElement) {
        guard let key = element.text(of: "Key").flatMap(PercentEncoding.decode), let id = element.text(of: "UploadId"),
            (1...1_024).contains(id.utf8.count),
            let begunAt = element.text(of: "Initiated").flatMap({ Timestamp($0) })
        else { return nil }
        self.init(key: key, id: id, begunAt: begunAt)
    }
}
