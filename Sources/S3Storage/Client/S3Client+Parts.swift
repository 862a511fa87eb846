import RoomStorage

/// Multipart uploads (https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html).
extension S3Client {
    func createUpload(of key: String) async throws(S3Fault) -> String {
        let call = S3Call(method: .post, key: key, query: [("uploads", "")])
        let document = try await perform(call).document(named: "InitiateMultipartUploadResult")
        guard let id = document.text(of: "UploadId"), (1...1_024).contains(id.utf8.count) else {
            throw .unreadable("an upload without UploadId")
        }
        return id
    }

    /// Sends one part itself; peers do it by signed addresses. The part's ETag.
    func uploadPart(
        _ number: Int, of upload: String, at key: String, _ bytes: [UInt8]
    ) async throws(S3Fault) -> String {
        let query = [("partNumber", String(number)), ("uploadId", upload)]
        return try await perform(S3Call(method: .put, key: key, query: query, body: bytes, isLarge: true)).tag()
    }

    /// Nil when the upload is not known.
    func parts(of upload: String, at key: String) async throws(S3Fault) -> [StoredPart]? {
        var parts: [StoredPart] = []
        var marker = 0
        while true {
            let query = [("uploadId", upload), ("max-parts", "1000"), ("part-number-marker", String(marker))]
            let document: XMLElement
            do throws(S3Fault) {
                let answer = try await perform(S3Call(method: .get, key: key, query: query))
                // Some servers name it after the operation's response.
                document = try answer.document(named: "ListPartsResult", "ListPartsResponse")
            } catch {
                if error.refusal?.saysNoSuchUpload == true { return nil }
                throw error
            }
            let found = document.all("Part").compactMap(StoredPart.init)
            parts += found.filter { $0.number > marker }
            guard document.text(of: "IsTruncated") == "true", let last = parts.last?.number, last > marker else {
                return parts
            }
            marker = last
        }
    }

    /// Joins the parts. Where the upload is gone, it may be that an earlier attempt joined them and its answer was lost:
    /// then the object itself shows it, by its size and the number of parts at the end of its ETag.
    func completeUpload(_ upload: String, at key: String, _ parts: [StoredPart]) async throws(S3Fault) {
        let sorted = parts.sorted { $0.number < $1.number }
        let list = sorted.map {
            "<Part><PartNumber>\($0.number)</PartNumber><ETag>\(Self.escaped($0.tag.text))</ETag></Part>"
        }
        let body =
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(list.joined())"
            + "</CompleteMultipartUpload>"
        let call = S3Call(
            method: .post, key: key, query: [("uploadId", upload)], headers: [("content-type", "application/xml")],
            body: Array(body.utf8), isLarge: true, mayFailLate: true)
        do throws(S3Fault) {
            _ = try await perform(call).document(named: "CompleteMultipartUploadResult")
        } catch {
            guard error.refusal?.saysNoSuchUpload == true else { throw error }
            guard let head = try await head(key), head.size == parts.reduce(0, { $0 + $1.size }),
                head.tag.filter({ $0 != "\"" }).hasSuffix("-\(parts.count)")
            else { throw .unknownUpload(key: key) }
        }
    }

    func abortUpload(_ upload: String, at key: String) async throws(S3Fault) {
        do throws(S3Fault) {
            _ = try await perform(S3Call(method: .delete, key: key, query: [("uploadId", upload)]))
        } catch {
            guard error.refusal?.saysNoSuchUpload == true else { throw error }
        }
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
    }
}

extension StoredPart {
    fileprivate init?(_ element: XMLElement) {
        guard let number = element.text(of: "PartNumber").flatMap({ Int($0) }), (1...10_000).contains(number),
            let size = element.text(of: "Size").flatMap({ Int($0) }), size >= 0, let tag = element.text(of: "ETag")
        else { return nil }
        self.init(number: number, size: size, tag: BlobTag(tag))
    }
}
