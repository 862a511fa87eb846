import Testing

@testable import Cryptography

@Suite struct P256PublicKeyTests {
    private var parts: (signed: [UInt8], signature: [UInt8]) {
        get throws {
            let dot = try #require(Vectors.p256Token.lastIndex(of: "."))
            let tail = String(Vectors.p256Token[Vectors.p256Token.index(after: dot)...])
            return (Array(Vectors.p256Token[..<dot].utf8), try #require(Base64URL.decode(tail)))
        }
    }

    @Test func thePublishedSignatureIsGood() throws {
        let (signed, signature) = try parts
        #expect(try TestKeys.point.verifyES256(signature, over: signed))
    }

    @Test func everyAlteredByteIsRefused() throws {
        let (signed, signature) = try parts
        let key = try TestKeys.point
        for index in signature.indices {
            var altered = signature
            altered[index] ^= 0x10
            #expect(!key.verifyES256(altered, over: signed))
        }
        for index in signed.indices {
            var altered = signed
            altered[index] ^= 0x01
            #expect(!key.verifyES256(signature, over: altered))
        }
    }

    @Test func wrongLengthsAndZerosAreRefused() throws {
        let (signed, signature) = try parts
        let key = try TestKeys.point
        #expect(!key.verifyES256([], over: signed))
        #expect(!key.verifyES256(Array(signature.dropLast()), over: signed))
        #expect(!key.verifyES256(signature + [0], over: signed))
        #expect(!key.verifyES256([UInt8](repeating: 0, count: 64), over: signed), "r = s = 0")
    }

    @Test func pointsOffTheCurveAreRefused() throws {
        let x = try #require(Base64URL.decode(Vectors.p256X))
        var y = try #require(Base64URL.decode(Vectors.p256Y))
        y[31] ^= 1
        #expect(throws: CryptographyError.self) { try P256PublicKey(x: x, y: y) }
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(throws: CryptographyError.self) { try P256PublicKey(x: zero, y: zero) }
    }

    @Test func coordinatesOfAnotherSizeAreRefused() throws {
        let x = try #require(Base64URL.decode(Vectors.p256X))
        #expect(throws: CryptographyError.coordinateSizeWrong) { try P256PublicKey(x: x, y: []) }
        #expect(throws: CryptographyError.coordinateSizeWrong) { try P256PublicKey(x: [0] + x, y: x) }
    }
}
