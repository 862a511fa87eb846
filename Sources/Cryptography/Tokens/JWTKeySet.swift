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

    /// The keys to try: those that bear the token's `kid`. A token without one is taken only where it leaves no choice,
    /// that is where one key alone is of its algorithm.
    func candidates(for header: JOSEHeader) throws(TokenFault) -> [VerificationKey] {
        guard let wanted = header.keyID else { return [try loneKey(of: header.algorithm)] }
        let named = entries.filter { $0.keyID?.hasSameBytes(as: wanted) ?? false }
        guard !named.isEmpty else { throw .unknownKey }
        let fitting = named.map(\.key).filter { $0.algorithm == header.algorithm }
        guard !fitting.isEmpty else { throw .algorithmNotAllowed }
        return fitting
    }

    private func loneKey(of algorithm: SignatureAlgorithm) throws(TokenFault) -> VerificationKey {
        guard !entries.isEmpty else { throw .unknownKey }
        let fitting = entries.map(\.key).filter { $0.algorithm == algorithm }
        guard let key = fitting.first else { throw .algorithmNotAllowed }
        guard fitting.count == 1 else { throw .keyNotNamed }
        return key
    }
}
