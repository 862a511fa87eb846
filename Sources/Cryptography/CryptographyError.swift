/// Why a key, a random number or a signature of ours could not be had.
package enum CryptographyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// OpenSSL refused; `reason` is its own first sentence about it.
    case openSSL(operation: String, reason: String)
    case keyTextTooLong(limit: Int)
    /// The key is of another kind than asked for (`expected` in OpenSSL's spelling).
    case wrongKeyKind(expected: String)
    case keySizeOutOfRange(bits: Int)
    case publicExponentOutOfRange
    case modulusEven
    case coordinateSizeWrong
    case privateKeyMissing
    case malformedKeySet
    case keySetTooLarge(limit: Int)
    /// `JWTClaims.other` holds a claim that has a field of its own.
    case reservedClaim(String)
    case unwritableClaims
    case tokenTooLong(limit: Int)

    package var description: String {
        switch self {
        case .openSSL(let operation, let reason): "OpenSSL could not \(operation): \(reason)"
        case .keyTextTooLong(let limit): "The key text is longer than \(limit) bytes."
        case .wrongKeyKind(let expected): "The key is not of kind \(expected)."
        case .keySizeOutOfRange(let bits): "An RSA key of \(bits) bits is outside \(RSAKey.bitRange)."
        case .publicExponentOutOfRange: "The RSA public exponent is not an odd number from 3 to 2^64."
        case .modulusEven: "The RSA modulus is even."
        case .coordinateSizeWrong: "A P-256 coordinate is 32 bytes."
        case .privateKeyMissing: "Only a private key signs and is exported as one."
        case .malformedKeySet: "The key set is not a JWK set."
        case .keySetTooLarge(let limit): "The key set has more than \(limit) keys."
        case .reservedClaim(let name): "The claim \(name) has a field of its own."
        case .unwritableClaims: "A time claim is not a number that JSON can hold."
        case .tokenTooLong(let limit): "The token would be longer than \(limit) bytes."
        }
    }
}
