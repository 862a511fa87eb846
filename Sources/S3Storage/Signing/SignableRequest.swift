import Cryptography

/// What of a request a signature covers.
struct SignableRequest: Sendable {
    let method: String
    /// Encoded already.
    let path: String
    /// Not encoded.
    var query: [(name: String, value: String)]
    /// All of them are signed; `Host` must be among them.
    var headers: [(name: String, value: String)]
    /// The SHA-256 of the body in hex, or `UNSIGNED-PAYLOAD`.
    let payloadHash: String

    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// Sorted by encoded name and value; it is also what is sent.
    var encodedQuery: String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    /// ```
    /// method \n path \n query \n header:value \n … \n \n header;… \n payload hash
    /// ```
    var canonical: String {
        let lines = canonicalHeaders.map { "\($0.name):\($0.value)\n" }.joined()
        return [method, path, encodedQuery, lines, signedHeaders, payloadHash].joined(separator: "\n")
    }

    var signedHeaders: String { canonicalHeaders.map(\.name).joined(separator: ";") }

    private var canonicalHeaders: [(name: String, value: String)] {
        headers.map { ($0.name.lowercased(), $0.value.split(separator: " ").joined(separator: " ")) }
            .sorted { $0.0 < $1.0 }
    }
}
