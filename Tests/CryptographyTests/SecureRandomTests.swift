import Testing

@testable import Cryptography

@Suite struct SecureRandomTests {
    @Test(arguments: [0, 1, 7, 32, 1000, SecureRandom.largestCount])
    func bytesAreAsManyAsAskedFor(count: Int) throws {
        #expect(try SecureRandom.bytes(count).count == count)
    }

    @Test func noTwoTokensAreAlike() throws {
        let tokens = try (0..<500).map { _ in try SecureRandom.token(prefix: "slp_") }
        #expect(Set(tokens).count == tokens.count)
    }

    @Test func aTokenIsItsPrefixAndBase64URL() throws {
        let token = try SecureRandom.token(prefix: "slp_acct_", bytes: 24)
        #expect(token.hasPrefix("slp_acct_"))
        let secret = String(token.dropFirst("slp_acct_".count))
        #expect(secret.count == 32)
        #expect(Base64URL.decode(secret)?.count == 24)
    }

    @Test func hexIsTwoDigitsAByte() throws {
        let text = try SecureRandom.hex(bytes: 16)
        #expect(text.count == 32)
        #expect(text.allSatisfy { "0123456789abcdef".contains($0) })
    }

    /// 64 numbers that all lack some bit, or all have it, are a chance of 2^-57.
    @Test func everyBitOfANumberVaries() throws {
        let numbers = try (0..<64).map { _ in try SecureRandom.uint64() }
        #expect(numbers.reduce(0, |) == .max)
        #expect(numbers.reduce(.max, &) == 0)
    }
}
