import Testing

@testable import Cryptography

@Suite struct HMACTests {
    struct Case: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        let tag: String

        init(_ key: [UInt8], _ message: [UInt8], _ tag: String) {
            (self.key, self.message, self.tag) = (key, message, tag)
        }

        init(_ key: [UInt8], _ message: String, _ tag: String) {
            self.init(key, Array(message.utf8), tag)
        }
    }

    /// RFC 4231 section 4, but for the truncated case 5.
    static let cases: [Case] = [
        Case(
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Case(
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Case(
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Case(
            Array(1...25), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Case(
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        Case(
            [UInt8](repeating: 0xAA, count: 131),
            "This is a test using a larger than block-size key and a larger than block-size data. "
                + "The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        Case([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ]

    @Test(arguments: cases)
    func tagsAreThePublishedOnes(vector: Case) {
        let tag = HMACSHA256.authenticate(key: vector.key, message: vector.message)
        #expect(Hexadecimal.encode(tag) == vector.tag)
        #expect(HMACSHA256.isValid(tag, key: vector.key, message: vector.message))
        #expect(!HMACSHA256.isValid(Array(tag.dropLast()), key: vector.key, message: vector.message))
        #expect(!HMACSHA256.isValid(tag, key: vector.key, message: vector.message + [0]))
    }

    /// RFC 2202 section 3, cases 1 and 2.
    @Test func sha1TagsAreThePublishedOnes() {
        let first = HMACSHA1.authenticate(key: [UInt8](repeating: 0x0B, count: 20), message: Array("Hi There".utf8))
        #expect(Hexadecimal.encode(first) == "b617318655057264e28bc0b6fb378c8ef146be00")
        let second = HMACSHA1.authenticate(
            key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8))
        #expect(Hexadecimal.encode(second) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    }

    @Test func constantTimeEqualityIsEqualityOfBytes() {
        #expect(constantTimeEquals([] as [UInt8], []))
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([0, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2], [1, 2, 3]))
        #expect(constantTimeEquals("slp_é", "slp_é"))
        #expect(!constantTimeEquals("e\u{301}", "\u{E9}"), "canonically equivalent is not the same secret")
    }
}
