import RoomCore

/// A key pair, perhaps for a time. Its description tells none of it.
package struct S3Credentials: Sendable, Equatable {
    let accessKeyID: String
    let secretAccessKey: String
    let sessionToken: String?
    /// Nil when they do not expire.
    let expiresAt: Timestamp?

    /// Nil for texts that no header can hold.
    package init?(
        accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Timestamp? = nil
    ) {
        guard Self.isWord(accessKeyID, limit: 128), !accessKeyID.contains("/"),
            Self.isWord(secretAccessKey, limit: 1_024),
            sessionToken.map({ Self.isWord($0, limit: 8_192) }) ?? true
        else { return nil }
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    private static func isWord(_ text: String, limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension S3Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "S3 credentials" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
