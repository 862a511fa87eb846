import COpenSSL
import Testing

@testable import Cryptography

/// Keys for the tests; ours is made once a run, for that is slow.
enum TestKeys {
    private static let made = Result { try RSAKey.generate() }

    static var ours: RSAKey {
        get throws { try made.get() }
    }

    /// Of RFC 7515 A.2, public only: somebody else's.
    static var foreign: RSAKey {
        get throws { try rsa(modulus: Vectors.rsaModulus) }
    }

    static var point: P256PublicKey {
        get throws {
            try P256PublicKey(
                x: #require(Base64URL.decode(Vectors.p256X)), y: #require(Base64URL.decode(Vectors.p256Y)))
        }
    }

    static func rsa(modulus: String) throws -> RSAKey {
        try RSAKey(modulus: #require(Base64URL.decode(modulus)), publicExponent: [1, 0, 1])
    }

    /// A PKCS#8 text of a fresh key of any kind, encrypted if there is a passphrase.
    static func privatePEM(kind: String, bits: Int32? = nil, passphrase: String? = nil) throws -> String {
        let context = try #require(EVP_PKEY_CTX_new_from_name(nil, kind, nil))
        defer { EVP_PKEY_CTX_free(context) }
        try #require(EVP_PKEY_keygen_init(context) == 1)
        if let bits { try #require(EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1) }
        var key: OpaquePointer?
        try #require(EVP_PKEY_generate(context, &key) == 1)
        defer { EVP_PKEY_free(key) }
        guard let buffer = MemoryBuffer() else { throw CryptographyError.privateKeyMissing }
        let secret = (passphrase ?? "").utf8.map { CChar(bitPattern: $0) }
        let cipher = passphrase == nil ? nil : EVP_aes_256_cbc()
        let done = PEM_write_bio_PKCS8PrivateKey(buffer.pointer, key, cipher, secret, Int32(secret.count), nil, nil)
        try #require(done == 1)
        return buffer.text()
    }
}
