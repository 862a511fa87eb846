import COpenSSL

/// A point of the curve P-256 that verifies ES256 (RFC 7518 section 3.4): issuers other than us may sign so.
package struct P256PublicKey: Sendable {
    package static let coordinateByteCount = 32

    private let object: FixedObject

    /// From the members `x` and `y` of a JWK (RFC 7518 section 6.2.1), as bytes; a point off the curve is refused.
    package init(x: [UInt8], y: [UInt8]) throws(CryptographyError) {
        guard x.count == Self.coordinateByteCount, y.count == Self.coordinateByteCount else {
            throw .coordinateSizeWrong
        }
        let pointer = try OpenSSL.publicKey(
            algorithm: DER.sequence(DER.ecPublicKey, DER.p256), key: [0x04] + x + y)
        object = .key(pointer)
    }

    /// True only when `signature` (r and s, 32 bytes each) is this key's over all of `message`.
    package func verifyES256(_ signature: [UInt8], over message: UnsafeRawBufferPointer) -> Bool {
        guard signature.count == 2 * Self.coordinateByteCount else { return false }
        let encoded = Self.der(signature)
        return OpenSSL.contain {
            guard let context = EVP_MD_CTX_new() else { return false }
            defer { EVP_MD_CTX_free(context) }
            let isReady = object.with { key in
                SHA256.algorithm.with { EVP_DigestVerifyInit(context, nil, $0, nil, key) == 1 }
            }
            let bytes = message.assumingMemoryBound(to: UInt8.self)
            return isReady
                && EVP_DigestVerify(context, encoded, encoded.count, bytes.baseAddress, bytes.count) == 1
        }
    }

    package func verifyES256(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        message.withUnsafeBytes { verifyES256(signature, over: $0) }
    }

    /// `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3), the form that OpenSSL reads.
    private static func der(_ signature: [UInt8]) -> [UInt8] {
        DER.sequence(
            DER.integer(signature.prefix(coordinateByteCount)), DER.integer(signature.suffix(coordinateByteCount)))
    }
}
