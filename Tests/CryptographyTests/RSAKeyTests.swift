import JSONWire
import Testing

@testable import Cryptography

@Suite struct RSAKeyTests {
    private let message = Array("what is signed".utf8)

    @Test func aSignatureIsVerifiedByThePublicHalf() throws {
        let key = try TestKeys.ours
        let signature = try key.signRS256(message)
        let publicHalf = try RSAKey(publicPEM: key.publicPEM())
        #expect(signature.count == 256)
        #expect(key.verifyRS256(signature, over: message))
        #expect(publicHalf.verifyRS256(signature, over: message))
        #expect(!publicHalf.isPrivate)
    }

    @Test func anotherMessageKeyOrLengthIsRefused() throws {
        let key = try TestKeys.ours
        let signature = try key.signRS256(message)
        #expect(!key.verifyRS256(signature, over: message + [0]))
        #expect(!key.verifyRS256(signature, over: []))
        #expect(try !TestKeys.foreign.verifyRS256(signature, over: message))
        #expect(!key.verifyRS256(signature + [0], over: message))
        #expect(!key.verifyRS256(Array(signature.dropLast()), over: message))
        #expect(!key.verifyRS256([], over: message))
        #expect(!key.verifyRS256([UInt8](repeating: 0xFF, count: 256), over: message), "not below the modulus")
    }

    @Test func everyFlippedBitOfASignatureIsRefused() throws {
        let key = try TestKeys.ours
        let signature = try key.signRS256(message)
        for bit in 0..<signature.count * 8 {
            var altered = signature
            altered[bit / 8] ^= 1 << (bit % 8)
            #expect(!key.verifyRS256(altered, over: message))
        }
    }

    @Test func anEmptyMessageIsSigned() throws {
        let key = try TestKeys.ours
        #expect(key.verifyRS256(try key.signRS256([]), over: []))
    }

    @Test func aPublicKeyNeitherSignsNorIsExportedAsPrivate() throws {
        let key = try TestKeys.foreign
        #expect(throws: CryptographyError.privateKeyMissing) { try key.signRS256(message) }
        #expect(throws: CryptographyError.privateKeyMissing) { try key.privatePEM() }
    }

    @Test func theThumbprintIsThePublishedOne() throws {
        #expect(try TestKeys.rsa(modulus: Vectors.thumbprintModulus).thumbprint == Vectors.thumbprint)
    }

    @Test func aJWKBringsTheSameKeyBack() throws {
        let key = try TestKeys.ours
        let modulus = try #require(Base64URL.decode(key.jwkModulus))
        let copy = try RSAKey(modulus: modulus, publicExponent: [1, 0, 1])
        #expect(key.jwkExponent == "AQAB")
        #expect(copy.thumbprint == key.thumbprint)
        #expect(copy.verifyRS256(try key.signRS256(message), over: message))
        #expect(key.jwk()["kid"] == .string(key.thumbprint))
        #expect(key.jwk(keyID: "k1")["kid"] == "k1")
        #expect(key.jwk().keys == ["kty", "use", "alg", "kid", "n", "e"], "the private members stay here")
    }

    @Test func leadingZerosOfAJWKAreLetPass() throws {
        let modulus = try #require(Base64URL.decode(Vectors.thumbprintModulus))
        let key = try RSAKey(modulus: [0] + modulus, publicExponent: [0, 1, 0, 1])
        #expect(key.thumbprint == Vectors.thumbprint)
    }

    @Test func keysBelow2048BitsAreRefused() throws {
        let small = try TestKeys.privatePEM(kind: "RSA", bits: 1024)
        #expect(throws: CryptographyError.keySizeOutOfRange(bits: 1024)) { try RSAKey(privatePEM: small) }
        let nearly = [0x7F] + [UInt8](repeating: 0xFF, count: 255)
        #expect(throws: CryptographyError.keySizeOutOfRange(bits: 2047)) {
            try RSAKey(modulus: nearly, publicExponent: [1, 0, 1])
        }
        #expect(throws: CryptographyError.self) { try RSAKey(modulus: [], publicExponent: [1, 0, 1]) }
    }

    @Test func keysAbove8192BitsAreRefused() {
        let slightly = [1] + [UInt8](repeating: 0xFF, count: 1024)
        #expect(throws: CryptographyError.keySizeOutOfRange(bits: 8193)) {
            try RSAKey(modulus: slightly, publicExponent: [1, 0, 1])
        }
        #expect(throws: CryptographyError.keySizeOutOfRange(bits: 80_000)) {
            try RSAKey(modulus: [UInt8](repeating: 0xFF, count: 10_000), publicExponent: [1, 0, 1])
        }
    }

    @Test(arguments: [
        [], [0], [1], [2], [1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1], [UInt8](repeating: 0xFF, count: 100),
    ])
    func unfitExponentsAreRefused(exponent: [UInt8]) throws {
        let modulus = try #require(Base64URL.decode(Vectors.rsaModulus))
        #expect(throws: CryptographyError.publicExponentOutOfRange) {
            try RSAKey(modulus: modulus, publicExponent: exponent)
        }
    }

    @Test func anEvenModulusIsRefused() throws {
        var modulus = try #require(Base64URL.decode(Vectors.rsaModulus))
        modulus[255] &= 0xFE
        #expect(throws: CryptographyError.modulusEven) { try RSAKey(modulus: modulus, publicExponent: [1, 0, 1]) }
    }
}
