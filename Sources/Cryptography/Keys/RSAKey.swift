import COpenSSL

/// An RSA key, public or private, that signs and verifies RS256.
///
/// Whatever its source, it is held only after its size and numbers were checked.
package struct RSAKey: Sendable {
    package enum Size: UInt32, Sendable {
        case bits2048 = 2048
        case bits3072 = 3072
    }

    /// RFC 7518 section 3.3 sets the lower end; the upper bounds what verifying by a foreign key costs.
    package static let bitRange = 2048...8192
    static let largestExponentByteCount = 8

    let object: FixedObject
    package let isPrivate: Bool
    /// Big-endian, without leading zeros.
    package let modulus: [UInt8]
    package let publicExponent: [UInt8]
    /// The RFC 7638 SHA-256 thumbprint, in base64url; serves as `kid`.
    package let thumbprint: String

    /// Takes tenths of a second and more: for the start of a server, not for a request.
    package static func generate(_ size: Size = .bits2048) throws(CryptographyError) -> RSAKey {
        let pointer = try OpenSSL.attempt("generate an RSA key") { shim_EVP_RSA_gen(size.rawValue) }
        return try RSAKey(adopting: pointer, isPrivate: true)
    }

    /// Takes over the reference, also when it throws.
    init(adopting pointer: OpaquePointer, isPrivate: Bool) throws(CryptographyError) {
        let object = FixedObject.key(pointer)
        guard object.with({ EVP_PKEY_is_a($0, "RSA") }) == 1 else { throw .wrongKeyKind(expected: "RSA") }
        let bits = object.with { Int(EVP_PKEY_get_bits($0)) }
        guard Self.bitRange.contains(bits) else { throw .keySizeOutOfRange(bits: bits) }
        let exponent = try Self.number("e", of: object)
        guard Self.isAcceptable(exponent: exponent) else { throw .publicExponentOutOfRange }
        let modulus = try Self.number("n", of: object)
        guard modulus.last.map({ $0 % 2 == 1 }) == true else { throw .modulusEven }
        self.object = object
        self.isPrivate = isPrivate
        self.modulus = modulus
        self.publicExponent = exponent
        self.thumbprint = Self.thumbprint(modulus: modulus, exponent: exponent)
    }

    /// That the private half belongs to the public one: a damaged file would sign what nobody can verify. Of a public
    /// key no more is asked than above, since whoever made it can sign with it whatever its primes are.
    func checkPair() throws(CryptographyError) {
        _ = try OpenSSL.attempt("find the halves of the RSA key belong together") { () -> Void? in
            object.with { pointer in
                guard let context = EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else { return nil }
                defer { EVP_PKEY_CTX_free(context) }
                return EVP_PKEY_pairwise_check(context) == 1 ? () : nil
            }
        }
    }

    private static func isAcceptable(exponent: [UInt8]) -> Bool {
        guard exponent.count <= largestExponentByteCount else { return false }
        let value = exponent.reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return value >= 3 && value % 2 == 1
    }

    private static func number(_ name: String, of object: FixedObject) throws(CryptographyError) -> [UInt8] {
        try OpenSSL.attempt("read the RSA key") {
            var number: OpaquePointer?
            guard object.with({ EVP_PKEY_get_bn_param($0, name, &number) }) == 1 else { return nil }
            defer { BN_free(number) }
            return [UInt8](unsafeUninitializedCapacity: Int(BN_num_bits(number) + 7) / 8) { output, count in
                count = Int(BN_bn2bin(number, output.baseAddress))
            }
        }
    }
}
