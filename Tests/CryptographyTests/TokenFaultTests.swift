import JSONWire
import Testing

@testable import Cryptography

/// Every refusal, reached through `verify`, with the sentence that clients see.
@Suite struct TokenFaultTests {
    private func expect(_ fault: TokenFault, _ sentence: String, _ token: String) {
        #expect(throws: fault) { try Forge.verify(token) }
        #expect(fault.description == sentence)
    }

    @Test func aTokenBeyondTheLimitIsRefused() throws {
        expect(.tokenTooLong, "Token is longer than 8192 bytes", String(repeating: "A", count: 8193))
        expect(.notEnoughSegments, "Not enough segments", String(repeating: "A", count: 8192))
    }

    @Test(arguments: ["", ".", "a", "a.b", "eyJhbGciOiJSUzI1NiJ9.e30"])
    func fewerThanThreePartsAreRefused(token: String) {
        expect(.notEnoughSegments, "Not enough segments", token)
    }

    @Test func moreThanThreePartsAreRefused() throws {
        expect(.tooManySegments, "Too many segments", try Forge.token() + ".")
        expect(.tooManySegments, "Too many segments", "a.b.c.d.e")
        expect(.tooManySegments, "Too many segments", String(repeating: ".", count: 8192))
    }

    @Test func partsThatAreNotBase64URLAreRefusedByName() throws {
        let parts = try Forge.token().split(separator: ".").map(String.init)
        expect(.malformedHeaderEncoding, "Invalid header padding", "\(parts[0])=.\(parts[1]).\(parts[2])")
        expect(.malformedPayloadEncoding, "Invalid payload padding", "\(parts[0]).\(parts[1])*.\(parts[2])")
        expect(.malformedSignatureEncoding, "Invalid crypto padding", "\(parts[0]).\(parts[1]).\(parts[2])\n")
    }

    @Test func headersThatAreNotStrictJSONAreRefused() throws {
        expect(
            .malformedHeader(.duplicateKey(name: "alg", offset: 15)),
            #"Invalid header string: duplicate key "alg" at byte 15"#,
            try Forge.token(header: #"{"alg":"RS256","alg":"none"}"#))
        expect(
            .malformedHeader(.notAnObject), "Invalid header string: must be a json object",
            try Forge.token(header: #"["RS256"]"#))
        expect(.malformedHeader(.empty), "Invalid header string: empty text", "..")
        expect(
            .malformedHeader(.tooDeep(limit: 4)), "Invalid header string: nested deeper than 4 levels",
            try Forge.token(header: #"{"alg":"RS256","x":[[[[[]]]]]}"#))
    }

    @Test(arguments: ["{}", #"{"alg":null}"#, #"{"alg":256}"#, #"{"alg":["RS256"]}"#])
    func aHeaderWithoutAnAlgorithmIsRefused(header: String) throws {
        expect(
            .malformedHeaderMember("alg"), "Invalid header string: alg must be a string",
            try Forge.token(header: header))
    }

    @Test(arguments: ["kid", "typ", "cty"])
    func headerMembersOfAnotherTypeAreRefused(name: String) throws {
        expect(
            .malformedHeaderMember(name), "Invalid header string: \(name) must be a string",
            try Forge.token(header: #"{"alg":"RS256","\#(name)":7}"#))
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE"])
    func unsecuredTokensAreRefused(name: String) throws {
        let sentence = "Unsecured tokens are not allowed"
        let header = Base64URL.encode(Array(#"{"alg":"\#(name)"}"#.utf8))
        expect(.unsecured, sentence, "\(header).\(Base64URL.encode(Array(Forge.payload.utf8))).")
        expect(.unsecured, sentence, try Forge.token(header: #"{"alg":"\#(name)"}"#))
        expect(.unsecured, sentence, Vectors.unsecuredToken)
    }

    /// The attack: the public key, known to all, taken for the shared secret of an HMAC.
    @Test func thePublicKeyIsNoSharedSecret() throws {
        for secret in [try TestKeys.ours.publicPEM(), try TestKeys.ours.jwkModulus] {
            let header = Base64URL.encode(Array(#"{"alg":"HS256"}"#.utf8))
            let signed = header + "." + Base64URL.encode(Array(Forge.payload.utf8))
            let tag = HMACSHA256.authenticate(key: Array(secret.utf8), message: Array(signed.utf8))
            let token = signed + "." + Base64URL.encode(tag)
            expect(.symmetricAlgorithm, "Symmetric alg values are not allowed", token)
        }
        expect(.symmetricAlgorithm, "Symmetric alg values are not allowed", Vectors.symmetricToken)
    }

    @Test(arguments: ["RS384", "RS512", "PS256", "ES384", "EdDSA", "rs256", "RS256 ", ""])
    func otherAlgorithmsAreRefused(name: String) throws {
        expect(
            .algorithmNotAllowed, "The specified alg value is not allowed",
            try Forge.token(header: #"{"alg":"\#(name)"}"#))
    }

    @Test func theAlgorithmIsPinnedToTheKey() throws {
        let rsa = try TestKeys.ours
        let keys = try JWTKeySet([
            .init(keyID: "r", key: .rsa(rsa)), .init(keyID: "p", key: .p256(TestKeys.point)),
        ])
        for header in [#"{"alg":"ES256","kid":"r"}"#, #"{"alg":"RS256","kid":"p"}"#] {
            #expect(throws: TokenFault.algorithmNotAllowed) {
                try JSONWebToken.verify(
                    Forge.token(header: header), keys: keys, expecting: Forge.expectation)
            }
        }
        expect(
            .algorithmNotAllowed, "The specified alg value is not allowed",
            try Forge.token(header: #"{"alg":"ES256"}"#))
    }

    @Test(arguments: [#"["exp"]"#, "[]", "null", #"["b64"],"b64":false"#])
    func criticalHeadersAreRefused(value: String) throws {
        expect(
            .criticalHeader, "Critical header parameters (crit) are not supported",
            try Forge.token(header: #"{"alg":"RS256","crit":\#(value)}"#))
    }

    @Test(arguments: ["JWT", "jwt", "application/jwt"])
    func nestedTokensAreRefused(type: String) throws {
        expect(
            .nestedToken, "Nested tokens are not allowed",
            try Forge.token(header: #"{"alg":"RS256","cty":"\#(type)"}"#))
    }

    @Test(arguments: ["logout+jwt", "dpop+jwt", "JWE", ""])
    func tokensForAnotherPurposeAreRefused(type: String) throws {
        expect(.wrongType, "Invalid token type", try Forge.token(header: #"{"alg":"RS256","typ":"\#(type)"}"#))
    }

    @Test func aKeyIDNotInTheSetIsRefused() throws {
        expect(.unknownKey, "Signing key not found", try Forge.token(header: #"{"alg":"RS256","kid":"gone"}"#))
        expect(.unknownKey, "Signing key not found", try Forge.token(header: #"{"alg":"RS256","kid":""}"#))
        #expect(throws: TokenFault.unknownKey) {
            try JSONWebToken.verify(Forge.token(), keys: JWTKeySet([]), expecting: Forge.expectation)
        }
    }

    @Test func aSignatureOfAnotherKeyIsRefused() throws {
        #expect(throws: TokenFault.signatureMismatch) {
            try JSONWebToken.verify(
                Forge.token(), keys: JWTKeySet(TestKeys.foreign), expecting: Forge.expectation)
        }
        let bare = try Forge.token().split(separator: ".").prefix(2).joined(separator: ".") + "."
        expect(.signatureMismatch, "Signature verification failed.", bare)
    }

    @Test func aPayloadIsNotReadBeforeItsSignatureIsGood() throws {
        let unsigned = "\(Base64URL.encode(Array(Forge.header.utf8))).\(Base64URL.encode(Array("{".utf8))).AAAA"
        expect(.signatureMismatch, "Signature verification failed.", unsigned)
    }

    @Test func payloadsThatAreNotStrictJSONAreRefused() throws {
        expect(
            .malformedPayload(.notAnObject), "Invalid payload string: must be a json object",
            try Forge.token(payload: #""claims""#))
        expect(
            .malformedPayload(.unterminated), "Invalid payload string: text ends inside a value",
            try Forge.token(payload: "{"))
        expect(
            .malformedPayload(.duplicateKey(name: "exp", offset: 9)),
            #"Invalid payload string: duplicate key "exp" at byte 9"#,
            try Forge.token(payload: #"{"exp":1,"exp":2}"#))
    }

    static let malformed: [(RegisteredClaim, String, String)] = [
        (.subject, "7", "Subject must be a string."),
        (.username, "{}", "Username must be a string."),
        (.issuer, "null", "Issuer must be a string."),
        (.audience, "7", "Invalid claim format in token"),
        (.audience, #"["a",7]"#, "Invalid claim format in token"),
        (.issuedAt, #""1700000000""#, "Issued At claim (iat) must be a number."),
        (.notBefore, "null", "Not Before claim (nbf) must be a number."),
        (.expiresAt, #""never""#, "Expiration Time claim (exp) must be a number."),
        (.expiresAt, "1e300", "Expiration Time claim (exp) must be a number."),
        (.expiresAt, "9007199254740992", "Expiration Time claim (exp) must be a number."),
        (.tokenID, "true", "JWT ID must be a string."),
    ]

    @Test(arguments: malformed)
    func claimsOfAnotherTypeAreRefused(claim: RegisteredClaim, value: String, sentence: String) throws {
        expect(.malformedClaim(claim), sentence, try Forge.token(payload: #"{"\#(claim.rawValue)":\#(value)}"#))
    }

    static let unmet: [(String, TokenFault, String)] = [
        (#"{"iss":"sleap-rtc","aud":"sleap-rtc"}"#, .missingExpiry, "Missing Expiration Time claim (exp)"),
        (#"{"iss":"sleap-rtc","aud":"sleap-rtc","exp":1699999940}"#, .expired, "Signature has expired."),
        (#"{"iss":"sleap-rtc","aud":"sleap-rtc","exp":-1}"#, .expired, "Signature has expired."),
        (
            #"{"iss":"sleap-rtc","aud":"sleap-rtc","exp":1800000000,"nbf":1700000061}"#, .notYetValid,
            "The token is not yet valid (nbf)"
        ),
        (
            #"{"iss":"sleap-rtc","aud":"sleap-rtc","exp":1800000000,"iat":1700000061}"#, .issuedInFuture,
            "The token is not yet valid (iat)"
        ),
        (#"{"iss":"other","aud":"sleap-rtc","exp":1800000000}"#, .wrongIssuer, "Invalid issuer"),
        (#"{"aud":"sleap-rtc","exp":1800000000}"#, .wrongIssuer, "Invalid issuer"),
        (#"{"iss":"sleap-rtc","aud":"other","exp":1800000000}"#, .wrongAudience, "Invalid audience"),
        (#"{"iss":"sleap-rtc","aud":["a","b"],"exp":1800000000}"#, .wrongAudience, "Invalid audience"),
        (#"{"iss":"sleap-rtc","aud":[],"exp":1800000000}"#, .wrongAudience, "Invalid audience"),
        (#"{"iss":"sleap-rtc","exp":1800000000}"#, .wrongAudience, "Invalid audience"),
    ]

    @Test(arguments: unmet)
    func claimsBesideTheExpectationAreRefused(payload: String, fault: TokenFault, sentence: String) throws {
        expect(fault, sentence, try Forge.token(payload: payload))
    }

    @Test func namesAreComparedByTheirBytes() throws {
        var expectation = Forge.expectation
        expectation.issuer = "\u{E9}"
        let token = try Forge.token(payload: #"{"iss":"e\u0301","aud":"sleap-rtc","exp":1800000000}"#)
        #expect(throws: TokenFault.wrongIssuer) {
            try JSONWebToken.verify(token, keys: Forge.keys, expecting: expectation)
        }
    }
}
