import COpenSSL

extension RSAKey {
    package static let largestPEMByteCount = 16_384

    /// From `BEGIN PRIVATE KEY` (PKCS#8) or `BEGIN RSA PRIVATE KEY` (PKCS#1); encrypted keys are refused.
    package init(privatePEM text: String) throws(CryptographyError) {
        try self.init(pem: text, operation: "read the private key", isPrivate: true) {
            PEM_read_bio_PrivateKey($0, nil, Self.noPassphrase, nil)
        }
        try checkPair()
    }

    /// From `BEGIN PUBLIC KEY` (SubjectPublicKeyInfo).
    package init(publicPEM text: String) throws(CryptographyError) {
        try self.init(pem: text, operation: "read the public key", isPrivate: false) {
            PEM_read_bio_PUBKEY($0, nil, Self.noPassphrase, nil)
        }
    }

    /// PKCS#8, unencrypted: keep it where secrets are kept.
    package func privatePEM() throws(CryptographyError) -> String {
        guard isPrivate else { throw .privateKeyMissing }
        return try pem("write the private key") { PEM_write_bio_PKCS8PrivateKey($0, $1, nil, nil, 0, nil, nil) }
    }

    package func publicPEM() throws(CryptographyError) -> String {
        try pem("write the public key") { PEM_write_bio_PUBKEY($0, $1) }
    }

    /// Without a callback OpenSSL would ask the terminal for the passphrase and wait.
    private static let noPassphrase:
        @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt =
            { _, _, _, _ in -1 }

    private init(
        pem text: String, operation: String, isPrivate: Bool, read: (OpaquePointer) -> OpaquePointer?
    ) throws(CryptographyError) {
        guard text.utf8.count <= Self.largestPEMByteCount else {
            throw .keyTextTooLong(limit: Self.largestPEMByteCount)
        }
        let bytes = Array(text.utf8)
        let pointer = try OpenSSL.attempt(operation) {
            bytes.withUnsafeBytes { view -> OpaquePointer? in
                guard let buffer = MemoryBuffer(viewing: view) else { return nil }
                return read(buffer.pointer)
            }
        }
        try self.init(adopting: pointer, isPrivate: isPrivate)
    }

    private func pem(
        _ operation: String, _ write: (OpaquePointer, OpaquePointer) -> Int32
    ) throws(CryptographyError) -> String {
        try OpenSSL.attempt(operation) {
            guard let buffer = MemoryBuffer() else { return nil }
            return object.with { write(buffer.pointer, $0) } == 1 ? buffer.text() : nil
        }
    }
}
