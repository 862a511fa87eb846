import JSONWire

/// Why a token is refused. `description` is the sentence that clients see, and so stays as it is.
package enum TokenFault: Error, Equatable, Sendable {
    // The text
    case tokenTooLong
    case notEnoughSegments
    case tooManySegments
    case malformedHeaderEncoding
    case malformedPayloadEncoding
    case malformedSignatureEncoding

    // The header
    case malformedHeader(JSONFault)
    /// A header member is absent or not a string.
    case malformedHeaderMember(String)
    /// `alg` is `none`.
    case unsecured
    /// `alg` is HS256 or a relative: the public key would serve as the secret.
    case symmetricAlgorithm
    case algorithmNotAllowed
    case criticalHeader
    case nestedToken
    case wrongType

    // The signature
    /// No key bears the token's `kid`. The issuer may have turned its keys over: fetch them and try once more.
    case unknownKey
    /// The token has no `kid` and several keys could have signed it.
    case keyNotNamed
    case signatureMismatch

    // The claims
    case malformedPayload(JSONFault)
    case malformedClaim(RegisteredClaim)
    case missingExpiry
    case expired
    case notYetValid
    case issuedInFuture
    case wrongIssuer
    case wrongAudience
}

extension TokenFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tokenTooLong: "Token is longer than \(JSONWebToken.largestByteCount) bytes"
        case .notEnoughSegments: "Not enough segments"
        case .tooManySegments: "Too many segments"
        case .malformedHeaderEncoding: "Invalid header padding"
        case .malformedPayloadEncoding: "Invalid payload padding"
        case .malformedSignatureEncoding: "Invalid crypto padding"
        case .malformedHeader(.notAnObject): "Invalid header string: must be a json object"
        case .malformedHeader(let fault): "Invalid header string: \(fault)"
        case .malformedHeaderMember(let name): "Invalid header string: \(name) must be a string"
        case .unsecured: "Unsecured tokens are not allowed"
        case .symmetricAlgorithm: "Symmetric alg values are not allowed"
        case .algorithmNotAllowed: "The specified alg value is not allowed"
        case .criticalHeader: "Critical header parameters (crit) are not supported"
        case .nestedToken: "Nested tokens are not allowed"
        case .wrongType: "Invalid token type"
        case .unknownKey: "Signing key not found"
        case .keyNotNamed: "The token must name its key (kid): its issuer has several"
        case .signatureMismatch: "Signature verification failed."
        case .malformedPayload(.notAnObject): "Invalid payload string: must be a json object"
        case .malformedPayload(let fault): "Invalid payload string: \(fault)"
        case .malformedClaim(let claim): claim.rule
        case .missingExpiry: "Missing Expiration Time claim (exp)"
        case .expired: "Signature has expired."
        case .notYetValid: "The token is not yet valid (nbf)"
        case .issuedInFuture: "The token is not yet valid (iat)"
        case .wrongIssuer: "Invalid issuer"
        case .wrongAudience: "Invalid audience"
        }
    }
}
