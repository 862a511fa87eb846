import COpenSSL

extension RSAKey {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3); as long as the modulus.
    package func signRS256(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard isPrivate else { throw .privateKeyMissing }
        return try OpenSSL.attempt("sign") {
            guard let context = EVP_MD_CTX_new() else { return nil }
            defer { EVP_MD_CTX_free(context) }
            guard start(EVP_DigestSignInit, in: context) else { return nil }
            var isSigned = false
            let signature = [UInt8](unsafeUninitializedCapacity: modulus.count) { output, count in
                count = modulus.count
                isSigned = EVP_DigestSign(context, output.baseAddress, &count, message, message.count) == 1
                if !isSigned { count = 0 }
            }
            return isSigned ? signature : nil
        }
    }

    /// True only when `signature` is this key's over all of `message`.
    package func verifyRS256(_ signature: [UInt8], over message: UnsafeRawBufferPointer) -> Bool {
        guard signature.count == modulus.count else { return false }
        return OpenSSL.contain {
            guard let context = EVP_MD_CTX_new() else { return false }
            defer { EVP_MD_CTX_free(context) }
            guard start(EVP_DigestVerifyInit, in: context) else { return false }
            let bytes = message.assumingMemoryBound(to: UInt8.self)
            return EVP_DigestVerify(context, signature, signature.count, bytes.baseAddress, bytes.count) == 1
        }
    }

    package func verifyRS256(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        message.withUnsafeBytes { verifyRS256(signature, over: $0) }
    }

    private typealias Start = (
        OpaquePointer?, UnsafeMutablePointer<OpaquePointer?>?, OpaquePointer?, OpaquePointer?, OpaquePointer?
    ) -> Int32

    private func start(_ begin: Start, in context: OpaquePointer) -> Bool {
        object.with { key in SHA256.algorithm.with { begin(context, nil, $0, nil, key) == 1 } }
    }
}
