import COpenSSL

/// Bytes that only the holder of a key can read, and nobody can change unseen: AES-256-GCM (NIST SP 800-38D).
///
///     nonce (12) | ciphertext | tag (16)
///
/// The nonce is random (section 8.2.2): fit for keys that seal a few boxes, as those made from one secret do.
package enum SealedBox {
    static let nonceCount = 12
    static let tagCount = 16
    package static let largestByteCount = 1 << 20

    package static func seal(_ bytes: [UInt8], under key: SealingKey) throws(CryptographyError) -> [UInt8] {
        precondition(bytes.count <= largestByteCount, "Small things are sealed.")
        return try seal(bytes, under: key, nonce: SecureRandom.bytes(nonceCount))
    }

    static func seal(_ bytes: [UInt8], under key: SealingKey, nonce: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try OpenSSL.attempt("seal bytes") { AESGCM(key, nonce, isSealing: true)?.seal(bytes).map { nonce + $0 } }
    }

    /// What was sealed; nil when the key is another, or the box was changed or is none.
    package static func open(_ box: [UInt8], under key: SealingKey) -> [UInt8]? {
        guard (nonceCount + tagCount...nonceCount + largestByteCount + tagCount).contains(box.count) else { return nil }
        let nonce = Array(box.prefix(nonceCount))
        let text = Array(box[nonceCount..<box.count - tagCount])
        let tag = Array(box.suffix(tagCount))
        return OpenSSL.contain { AESGCM(key, nonce, isSealing: false)?.open(text, tag) }
    }
}
