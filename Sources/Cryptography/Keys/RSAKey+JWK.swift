import JSONWire

extension RSAKey {
    /// From the members `n` and `e` of a JWK (RFC 7518 section 6.3.1), as bytes. Leading zeros are let pass: issuers
    /// are known to write them.
    package init(modulus: [UInt8], publicExponent: [UInt8]) throws(CryptographyError) {
        guard modulus.count <= Self.bitRange.upperBound / 8 + 1 else {
            throw .keySizeOutOfRange(bits: modulus.count * 8)
        }
        guard publicExponent.count <= Self.largestExponentByteCount + 1 else { throw .publicExponentOutOfRange }
        let pointer = try OpenSSL.publicKey(
            algorithm: DER.sequence(DER.rsaEncryption, DER.null),
            key: DER.sequence(DER.integer(modulus), DER.integer(publicExponent)))
        try self.init(adopting: pointer, isPrivate: false)
    }

    /// `n` and `e` as a JWK spells them.
    package var jwkModulus: String { Base64URL.encode(modulus) }
    package var jwkExponent: String { Base64URL.encode(publicExponent) }

    /// The public half as one member of a JWK set (RFC 7517 section 4): safe to show anyone.
    package func jwk(keyID: String? = nil) -> JSONObject {
        [
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(keyID ?? thumbprint),
            "n": .string(jwkModulus), "e": .string(jwkExponent),
        ]
    }

    /// RFC 7638 section 3: SHA-256 over the required members alone, in order of their names and without spaces.
    static func thumbprint(modulus: [UInt8], exponent: [UInt8]) -> String {
        let text = #"{"e":"\#(Base64URL.encode(exponent))","kty":"RSA","n":"\#(Base64URL.encode(modulus))"}"#
        return Base64URL.encode(SHA256.digest(Array(text.utf8)))
    }
}
