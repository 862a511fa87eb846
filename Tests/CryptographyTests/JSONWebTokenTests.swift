import JSONWire
import Testing

@testable import Cryptography

@Suite struct JSONWebTokenTests {
    private let claims = JWTClaims(
        subject: "12345", username: "ada", issuer: "sleap-rtc", audience: ["sleap-rtc"], issuedAt: Forge.now,
        notBefore: Forge.now - 0.5, expiresAt: Forge.now + 604_800, tokenID: "t1",
        other: ["room": "a1b2c3d4", "roles": ["owner", 7, nil]])

    @Test func whatWasSignedIsReadBack() throws {
        let token = try JSONWebToken.sign(claims: claims, key: TestKeys.ours)
        #expect(try Forge.verify(token) == claims)
    }

    @Test func ourTokensNameTheirKeyAndSpellWholeTimesWithoutAPoint() throws {
        let key = try TestKeys.ours
        let parts = try JSONWebToken.sign(claims: claims, key: key).split(separator: ".")
        let header = try #require(Base64URL.decode(String(parts[0])))
        let payload = try #require(Base64URL.decode(String(parts[1])))
        #expect(String(decoding: header, as: UTF8.self) == #"{"alg":"RS256","typ":"JWT","kid":"\#(key.thumbprint)"}"#)
        #expect(
            String(decoding: payload, as: UTF8.self)
                == #"{"sub":"12345","username":"ada","iss":"sleap-rtc","aud":"sleap-rtc","iat":1700000000,"#
                + #""nbf":1699999999.5,"exp":1700604800,"jti":"t1","room":"a1b2c3d4","roles":["owner",7,null]}"#)
    }

    @Test func severalAudiencesComeBackAndOneOfThemSuffices() throws {
        var many = claims
        many.audience = ["elsewhere", "sleap-rtc"]
        #expect(try Forge.verify(JSONWebToken.sign(claims: many, key: TestKeys.ours)) == many)
    }

    @Test func thePublishedRS256TokenIsRead() throws {
        let expectation = JWTExpectation(issuer: Vectors.issuer, audience: nil, now: Vectors.expiry - 1, skew: 0)
        let claims = try JSONWebToken.verify(
            Vectors.rsaToken, keys: JWTKeySet(TestKeys.foreign), expecting: expectation)
        #expect(claims.issuer == "joe")
        #expect(claims.expiresAt == Vectors.expiry)
        #expect(claims.other == ["http://example.com/is_root": true])
    }

    @Test func thePublishedES256TokenIsRead() throws {
        let expectation = JWTExpectation(issuer: Vectors.issuer, audience: nil, now: Vectors.expiry - 1, skew: 0)
        let keys = try JWTKeySet([.init(keyID: nil, key: .p256(TestKeys.point))])
        let claims = try JSONWebToken.verify(Vectors.p256Token, keys: keys, expecting: expectation)
        #expect(claims.issuer == "joe")
    }

    @Test func timesAreBoundedByTheSkewToTheSecond() throws {
        let token = try Forge.token(payload: #"{"iss":"sleap-rtc","aud":"sleap-rtc","nbf":1000,"exp":2000}"#)
        func verdict(at now: Double) throws -> TokenFault? {
            var expectation = Forge.expectation
            expectation.now = now
            do {
                _ = try JSONWebToken.verify(token, keys: Forge.keys, expecting: expectation)
                return nil
            } catch let fault as TokenFault {
                return fault
            }
        }
        #expect(try verdict(at: 939) == .notYetValid)
        #expect(try verdict(at: 940) == nil)
        #expect(try verdict(at: 2059.9) == nil)
        #expect(try verdict(at: 2060) == .expired)
    }

    @Test func decimalTimesAreRead() throws {
        let payload = #"{"iss":"sleap-rtc","aud":"sleap-rtc","iat":1.7e9,"exp":1700000000.25}"#
        let claims = try Forge.verify(Forge.token(payload: payload))
        #expect(claims.issuedAt == 1_700_000_000)
        #expect(claims.expiresAt == 1_700_000_000.25)
    }

    @Test func aTokenWithoutExpiryIsTakenWhereThatIsAllowed() throws {
        let token = try Forge.token(payload: #"{"iss":"sleap-rtc","aud":"sleap-rtc"}"#)
        var expectation = Forge.expectation
        expectation.requiresExpiry = false
        #expect(try JSONWebToken.verify(token, keys: Forge.keys, expecting: expectation).expiresAt == nil)
    }

    @Test(arguments: ["JWT", "jwt", "at+jwt", "application/at+jwt", "application/JWT"])
    func typesOfTokensOfAccessAndIdentityAreTaken(type: String) throws {
        let token = try Forge.token(header: #"{"typ":"\#(type)","alg":"RS256"}"#)
        #expect(try Forge.verify(token).subject == "u")
    }

    @Test func aKeyOfferedByTheTokenIsPassedOver() throws {
        let key = try TestKeys.foreign
        let header = #"{"alg":"RS256","jwk":{"kty":"RSA","n":"\#(key.jwkModulus)","e":"AQAB"},"jku":"https://x"}"#
        #expect(try Forge.verify(Forge.token(header: header)).subject == "u")
        #expect(throws: TokenFault.signatureMismatch) {
            try JSONWebToken.verify(
                Forge.token(header: header), keys: JWTKeySet(key), expecting: Forge.expectation)
        }
    }

    @Test func claimsThatCannotBeReadBackAreNotSigned() throws {
        let key = try TestKeys.ours
        for claim in RegisteredClaim.allCases {
            let doubled = JWTClaims(other: [claim.rawValue: "x"])
            #expect(throws: CryptographyError.reservedClaim(claim.rawValue)) {
                try JSONWebToken.sign(claims: doubled, key: key)
            }
        }
        for time in [Double.nan, .infinity, 0x1p53] {
            #expect(throws: CryptographyError.unwritableClaims) {
                try JSONWebToken.sign(claims: JWTClaims(expiresAt: time), key: key)
            }
        }
        #expect(throws: CryptographyError.tokenTooLong(limit: 8192)) {
            try JSONWebToken.sign(claims: JWTClaims(subject: String(repeating: "x", count: 6000)), key: key)
        }
        #expect(throws: CryptographyError.privateKeyMissing) {
            try JSONWebToken.sign(claims: claims, key: TestKeys.foreign)
        }
    }
}
