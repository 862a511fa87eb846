/// A key that verifies tokens, by the one algorithm its kind allows.
///
/// The algorithm comes from the key, never from the token: a token can only agree or be refused (RFC 8725 section 3.1).
package enum VerificationKey: Sendable {
    case rsa(RSAKey)
    case p256(P256PublicKey)

    package var algorithm: SignatureAlgorithm {
        switch self {
        case .rsa: .rs256
        case .p256: .es256
        }
    }

    package func verify(_ signature: [UInt8], over message: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .rsa(let key): key.verifyRS256(signature, over: message)
        case .p256(let key): key.verifyES256(signature, over: message)
        }
    }
}
