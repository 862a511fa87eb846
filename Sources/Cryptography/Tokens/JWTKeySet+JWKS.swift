import JSONWire

extension JWTKeySet {
    package static let largestJWKSByteCount = 262_144
    private static let deepestNesting = 8

    /// From the JWK set that an issuer publishes (RFC 7517 section 5). Keys we cannot use are passed over, as the section
    /// asks: of another kind, for another use, or unsound.
    package init(jwks bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count <= Self.largestJWKSByteCount else {
            throw .keyTextTooLong(limit: Self.largestJWKSByteCount)
        }
        guard let document = try? JSONValue.parse(bytes, maxDepth: Self.deepestNesting),
            let keys = document.objectValue?["keys"]?.arrayValue
        else { throw .malformedKeySet }
        guard keys.count <= Self.largestKeyCount else { throw .keySetTooLarge(limit: Self.largestKeyCount) }
        try self.init(keys.compactMap { $0.objectValue.flatMap(Entry.init(jwk:)) })
    }
}

extension JWTKeySet.Entry {
    /// Nil for a key that is not for us.
    init?(jwk: JSONObject) {
        guard let key = Self.key(jwk), Self.isForSignatures(jwk, key.algorithm) else { return nil }
        self.init(keyID: jwk["kid"]?.stringValue, key: key)
    }

    private static func key(_ jwk: JSONObject) -> VerificationKey? {
        switch jwk["kty"]?.stringValue {
        case "RSA":
            guard let n = octets("n", of: jwk), let e = octets("e", of: jwk) else { return nil }
            return (try? RSAKey(modulus: n, publicExponent: e)).map { .rsa($0) }
        case "EC" where jwk["crv"] == "P-256":
            guard let x = octets("x", of: jwk), let y = octets("y", of: jwk) else { return nil }
            return (try? P256PublicKey(x: x, y: y)).map { .p256($0) }
        default: return nil
        }
    }

    /// `use`, `key_ops` and `alg` (RFC 7517 section 4) may be absent but must not say otherwise.
    private static func isForSignatures(_ jwk: JSONObject, _ algorithm: SignatureAlgorithm) -> Bool {
        let use = jwk["use"] ?? "sig"
        let operations = jwk["key_ops"] ?? ["verify"]
        let named = jwk["alg"] ?? .string(algorithm.rawValue)
        return use == "sig" && named == .string(algorithm.rawValue)
            && operations.arrayValue?.contains("verify") == true
    }

    private static func octets(_ name: String, of jwk: JSONObject) -> [UInt8]? {
        jwk[name]?.stringValue.flatMap { Base64URL.decode($0) }
    }
}
