import JSONWire
import Testing

@testable import Cryptography

@Suite struct JWTKeySetTests {
    private func set(_ keys: [JSONObject]) throws -> JWTKeySet {
        try JWTKeySet(jwks: JSONValue.object(["keys": .array(keys.map { .object($0) })]).encoded())
    }

    private var point: JSONObject {
        ["kty": "EC", "crv": "P-256", "x": .string(Vectors.p256X), "y": .string(Vectors.p256Y), "kid": "p"]
    }

    private func altered(_ jwk: JSONObject, _ name: String, _ value: JSONValue?) -> JSONObject {
        var jwk = jwk
        jwk[name] = value
        return jwk
    }

    @Test func aPublishedSetVerifiesByItsKeyIDs() throws {
        let keys = try set([try TestKeys.foreign.jwk(keyID: "old"), try TestKeys.ours.jwk(keyID: "new"), point])
        #expect(keys.entries.map(\.keyID) == ["old", "new", "p"])
        let token = try JSONWebToken.sign(
            claims: JWTClaims(issuer: "sleap-rtc", audience: ["sleap-rtc"], expiresAt: Forge.now + 9),
            key: TestKeys.ours, keyID: "new")
        #expect(try JSONWebToken.verify(token, keys: keys, expecting: Forge.expectation).issuer == "sleap-rtc")
    }

    @Test func aKeyIDSelectsAndNothingElseIsTried() throws {
        let keys = try set([try TestKeys.ours.jwk(keyID: "new"), try TestKeys.foreign.jwk(keyID: "old")])
        let token = try Forge.token(header: #"{"alg":"RS256","kid":"old"}"#)
        #expect(throws: TokenFault.signatureMismatch) {
            try JSONWebToken.verify(token, keys: keys, expecting: Forge.expectation)
        }
    }

    @Test func aTokenWithoutAKeyIDIsTakenWhereOneKeyAloneFits() throws {
        let lone = try set([point, try TestKeys.ours.jwk()])
        #expect(try JSONWebToken.verify(Forge.token(), keys: lone, expecting: Forge.expectation).subject == "u")
        let several = try set([point, try TestKeys.foreign.jwk(), try TestKeys.ours.jwk()])
        #expect(throws: TokenFault.keyNotNamed) {
            try JSONWebToken.verify(Forge.token(), keys: several, expecting: Forge.expectation)
        }
        let other = try set([point])
        #expect(throws: TokenFault.algorithmNotAllowed) {
            try JSONWebToken.verify(Forge.token(), keys: other, expecting: Forge.expectation)
        }
    }

    @Test func aKeyIDThatNoKeyBearsIsUnknownThoughAKeyWithoutOneWouldVerify() throws {
        let keys = try set([altered(try TestKeys.ours.jwk(), "kid", nil)])
        let token = try Forge.token(header: #"{"alg":"RS256","kid":"any"}"#)
        #expect(throws: TokenFault.unknownKey) {
            try JSONWebToken.verify(token, keys: keys, expecting: Forge.expectation)
        }
    }

    @Test func theIssuerThatATokenClaimsIsReadBeforeAnyKeyIsKnown() throws {
        let token = try JSONWebToken.sign(
            claims: JWTClaims(issuer: "https://issuer.example", expiresAt: Forge.now + 9), key: TestKeys.ours)
        #expect(JSONWebToken.claimedIssuer(of: token) == "https://issuer.example")
        #expect(JSONWebToken.claimedIssuer(of: "a.b.c") == nil)
    }

    @Test func keysThatAreNotForUsArePassedOver() throws {
        let ours = try TestKeys.ours.jwk()
        let others: [JSONObject] = [
            altered(ours, "use", "enc"), altered(ours, "alg", "RS512"), altered(ours, "alg", "ES256"),
            altered(ours, "key_ops", ["encrypt"]), altered(ours, "kty", "oct"), altered(ours, "kty", nil),
            altered(ours, "n", nil), altered(ours, "n", "AQAB"), altered(ours, "n", "A"), altered(ours, "e", "Ag"),
            altered(point, "crv", "P-384"), altered(point, "x", "AA"), altered(point, "y", .string(Vectors.p256X)),
            ["kty": "oct", "k": "c2VjcmV0"], [:],
        ]
        #expect(try set(others).entries.isEmpty)
        #expect(try set(others + [ours]).entries.count == 1)
    }

    @Test func optionalMembersMayBeAbsentOrAgree() throws {
        let bare = altered(altered(try TestKeys.ours.jwk(), "use", nil), "alg", nil)
        let operations = altered(bare, "key_ops", ["sign", "verify"])
        #expect(try set([bare, operations]).entries.count == 2)
    }

    @Test(arguments: ["", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[],"keys":[]}"#, "{"])
    func textsThatAreNoKeySetAreRefused(text: String) {
        #expect(throws: CryptographyError.malformedKeySet) { try JWTKeySet(jwks: Array(text.utf8)) }
    }

    @Test func aSetBeyondTheLimitsIsRefused() throws {
        #expect(throws: CryptographyError.keySetTooLarge(limit: 32)) {
            try set([JSONObject](repeating: [:], count: 33))
        }
        let entry = JWTKeySet.Entry(keyID: nil, key: .rsa(try TestKeys.ours))
        #expect(throws: CryptographyError.keySetTooLarge(limit: 32)) {
            try JWTKeySet([JWTKeySet.Entry](repeating: entry, count: 33))
        }
        #expect(throws: CryptographyError.keyTextTooLong(limit: 262_144)) {
            try JWTKeySet(jwks: [UInt8](repeating: 0x20, count: 262_145))
        }
    }
}
