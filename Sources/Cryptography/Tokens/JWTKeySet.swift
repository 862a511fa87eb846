/// The keys whose signatures are believed: those of one issuer.
package struct JWTKeySet: Sendable {
    package struct Entry: Sendable {
        package let keyID: String?
        package let key: VerificationKey

        package init(keyID: String?, key: VerificationKey) {
            self.keyID = keyID
            self.key = key
        }
    }

    /// Bounds the signatures tried for a token without `kid`.
    package static let largestKeyCount = 32

    package let entries: [Entry]

    package init(_ entries: [Entry]) throws(CryptographyError) {
        guard entries.count <= Self.largestKeyCount else { throw .keySetTooLarge(limit: Self.largestKeyCount) }
        self.entries = entries
    }

    /// Our own key, under its thumbprint.
    package init(_ key: RSAKey) {
        entries = [Entry(keyID: key.thumbprint, key: .rsa(key))]
    }

    /// The keys to try. A `kid` selects; keys without an id always stand by, and a token without `kid` tries all.
    func candidates(for header: JOSEHeader) throws(TokenFault) -> [VerificationKey] {
        let named = entries.filter { $0.isSelected(by: header.keyID) }
        guard !named.isEmpty else { throw .unknownKey }
        let fitting = named.map(\.key).filter { $0.algorithm == header.algorithm }
        guard !fitting.isEmpty else { throw .algorithmNotAllowed }
        return fitting
    }
}

extension JWTKeySet.Entry {
    fileprivate func isSelected(by wanted: String?) -> Bool {
        guard let wanted, let keyID else { return true }
        return keyID.hasSameBytes(as: wanted)
    }
}
