@testable import Cryptography

/// Tokens a good library would not make, with a true signature of our key unless another is given.
enum Forge {
    static let now = 1_700_000_000.0
    static let header = #"{"alg":"RS256","typ":"JWT"}"#
    static let payload = #"{"sub":"u","iss":"sleap-rtc","aud":"sleap-rtc","iat":1700000000,"exp":1700000600}"#

    static var expectation: JWTExpectation {
        JWTExpectation(issuer: "sleap-rtc", audience: "sleap-rtc", now: now)
    }

    static var keys: JWTKeySet {
        get throws { JWTKeySet(try TestKeys.ours) }
    }

    static func token(header: String = header, payload: String = payload) throws -> String {
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
        return signed + "." + Base64URL.encode(try TestKeys.ours.signRS256(Array(signed.utf8)))
    }

    static func verify(_ token: String) throws -> JWTClaims {
        try JSONWebToken.verify(token, keys: keys, expecting: expectation)
    }
}
