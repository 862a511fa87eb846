import HTTPFetching

/// One request to the bucket, before it is signed.
struct S3Call: Sendable {
    var method: FetchMethod
    /// Whole, with the prefix; nil for the bucket itself.
    var key: String?
    var query: [(name: String, value: String)] = []
    /// Signed as well.
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
    var responseLimit = 16 << 20
    /// Bodies whose size is their own have no deadline but the one for stalling.
    var isLarge = false
    /// A 200 may hold an error, told only after its head was sent.
    var mayFailLate = false
}

/// What the store answered to a call it took.
struct S3Answer: Sendable {
    let response: FetchResponse

    func tag() throws(S3Fault) -> String {
        guard let tag = response.header("ETag"), (1...256).contains(tag.utf8.count),
            tag.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw .unreadable("an answer without ETag") }
        return tag
    }

    func document(named names: String...) throws(S3Fault) -> XMLElement {
        let document: XMLElement
        do { document = try XMLElement(response.body) } catch { throw .unreadable("an answer that is not XML") }
        guard names.contains(document.name) else { throw .unreadable("an answer that is no \(names[0])") }
        return document
    }
}
