import COpenSSL

extension OpenSSL {
    /// The `EVP_PKEY` of a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7); the caller owns it.
    ///
    /// Not by `OSSL_PARAM_BLD`: it keeps the addresses of the names it is given, and a Swift string has no lasting one.
    static func publicKey(algorithm: [UInt8], key: [UInt8]) throws(CryptographyError) -> OpaquePointer {
        let encoded = DER.sequence(algorithm, DER.bitString(key))
        return try attempt("take the public key") {
            encoded.withUnsafeBufferPointer { bytes in
                var next = bytes.baseAddress
                return d2i_PUBKEY(nil, &next, bytes.count)
            }
        }
    }
}
