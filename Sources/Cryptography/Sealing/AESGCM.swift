import COpenSSL

/// One operation of AES-256-GCM: a cipher context of OpenSSL's, freed at its end.
struct AESGCM: ~Copyable {
    private let context: OpaquePointer

    /// Nil when OpenSSL refuses.
    init?(_ key: SealingKey, _ nonce: [UInt8], isSealing: Bool) {
        precondition(
            nonce.count == SealedBox.nonceCount, "OpenSSL reads 12 bytes, which is the nonce of GCM by default.")
        guard let made = EVP_CIPHER_CTX_new() else { return nil }
        guard EVP_CipherInit_ex(made, EVP_aes_256_gcm(), nil, key.bytes, nonce, isSealing ? 1 : 0) == 1 else {
            EVP_CIPHER_CTX_free(made)
            return nil
        }
        context = made
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// The ciphertext and its tag.
    func seal(_ bytes: [UInt8]) -> [UInt8]? {
        guard let text = pass(bytes) else { return nil }
        var tag = [UInt8](repeating: 0, count: SealedBox.tagCount)
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1 else { return nil }
        return text + tag
    }

    /// The plaintext; nil unless the tag is its own.
    func open(_ text: [UInt8], _ tag: [UInt8]) -> [UInt8]? {
        var tag = tag
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else { return nil }
        return pass(text)
    }

    /// GCM gives as many bytes as it is given, and none at the end, where a tag is checked.
    private func pass(_ bytes: [UInt8]) -> [UInt8]? {
        var isDone = false
        let passed = [UInt8](unsafeUninitializedCapacity: bytes.count + 16) { output, count in
            var (first, last): (Int32, Int32) = (0, 0)
            guard EVP_CipherUpdate(context, output.baseAddress, &first, bytes, Int32(bytes.count)) == 1,
                let end = output.baseAddress?.advanced(by: Int(first)), EVP_CipherFinal_ex(context, end, &last) == 1
            else { return }
            count = Int(first + last)
            isDone = true
        }
        return isDone ? passed : nil
    }
}
