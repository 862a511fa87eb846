/// Files that the server itself serves at the addresses it signed, where no other store does.
package protocol ServedFiles: Sendable {
    /// Begins to take a file, or a part of one, at a signed address.
    func receive(at address: AskedAddress) async throws(ServedFileFault) -> any FileArrival
    /// Opens a file at a signed address.
    func open(at address: AskedAddress) async throws(ServedFileFault) -> any FileReading
}

/// An address as it was asked for: nothing of it is trusted yet.
package struct AskedAddress: Sendable {
    package let method: String
    package let key: String
    package let query: [String: String]

    package init(method: String, key: String, query: [String: String]) {
        self.method = method
        self.key = key
        self.query = query
    }
}

/// Bytes on their way in; nothing is at the key before ``finish()`` returns.
package protocol FileArrival: Sendable {
    func write(_ bytes: [UInt8]) async throws(ServedFileFault)
    /// Puts the file in place, whole and on the disk, if it is what its address was signed for; gives its tag.
    func finish() async throws(ServedFileFault) -> BlobTag
    /// Forgets what came; no error after the end.
    func cancel() async
}

package protocol FileReading: Sendable {
    var size: Int { get }
    var tag: BlobTag { get }
    /// As many bytes as are there, at most `count`.
    func read(from offset: Int, count: Int) async throws(ServedFileFault) -> [UInt8]
}

package enum ServedFileFault: Error, Sendable, Equatable {
    /// The address was not signed by us, or for something else.
    case forged
    case expired
    case notFound
    case wrongSize(expected: Int, found: Int)
    case wrongDigest
    case store(StoreError)
}
