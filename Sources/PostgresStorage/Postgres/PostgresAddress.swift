import CLibPQ
import RoomStorage

/// Where the database is and how to get in, as libpq reads it from a URI.
///
/// Its texts may hold a password: none of them goes into an error or a log.
struct PostgresAddress: Sendable {
    private var options: [(keyword: String, value: String)]

    /// Reads the URI and adds what it leaves open.
    init(_ uri: String) throws(StoreError) {
        var message: UnsafeMutablePointer<CChar>?
        // libpq quotes the URI with its password when it cannot read it, so what it says is not passed on.
        let parsed = PQconninfoParse(uri, &message)
        PQfreemem(message)
        guard let parsed else { throw Self.unreadable }
        defer { PQconninfoFree(parsed) }
        var options: [(keyword: String, value: String)] = []
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                options.append((String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        // A password with a bare @ would become part of the host, and a failed look-up would show it.
        guard !options.contains(where: { $0.keyword == "host" && $0.value.contains("@") }) else {
            throw Self.unreadable
        }
        self.options = options
        for (keyword, value) in Self.defaults where !options.contains(where: { $0.keyword == keyword }) {
            self.options.append((keyword, value))
        }
    }

    private static var unreadable: StoreError {
        .unavailable(
            "the address of the database cannot be read: write it as postgresql://role:password@host:port/database, "
                + "with special characters percent-encoded")
    }

    /// A peer that vanished is noticed in some seconds, also while nothing is asked (libpq's documentation, 34.1.2).
    /// Nobody's Kerberos tickets are looked for before each connection: TLS encrypts, and who wants GSSAPI says so.
    private static let defaults = [
        ("application_name", "sleap-rooms"), ("keepalives", "1"), ("keepalives_idle", "5"),
        ("keepalives_interval", "2"), ("keepalives_count", "3"), ("tcp_user_timeout", "8000"),
        ("gssencmode", "disable"),
    ]

    /// The next host first: for a host that swallows packets, which libpq's asynchronous calls would wait for always.
    mutating func rotateHosts() {
        for index in options.indices where ["host", "hostaddr", "port"].contains(options[index].keyword) {
            var list = options[index].value.split(separator: ",", omittingEmptySubsequences: false)
            guard list.count > 1 else { continue }
            list.append(list.removeFirst())
            options[index].value = list.joined(separator: ",")
        }
    }

    /// Begins a connection; nil only when memory is short. Names are looked up before it returns.
    func startConnection() -> OpaquePointer? {
        let all = options + [("client_encoding", "UTF8")]
        return withCStrings(all.map(\.keyword)) { keywords in
            withCStrings(all.map(\.value)) { values in PQconnectStartParams(keywords, values, 0) }
        }
    }
}

/// Lends C strings in an array that ends with NULL.
private func withCStrings<Answer>(
    _ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Answer
) -> Answer {
    var bytes: [CChar] = []
    var starts: [Int] = []
    for text in texts {
        starts.append(bytes.count)
        bytes += text.utf8CString
    }
    return bytes.withUnsafeBufferPointer { buffer in
        body(starts.map { buffer.baseAddress?.advanced(by: $0) } + [nil])
    }
}
