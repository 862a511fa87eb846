import Testing

@testable import Cryptography

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func textsAreThePublishedOnes(plain: String, text: String) {
        let bytes = Array(plain.utf8)
        let bare = text.filter { $0 != "=" }
        #expect(Base64.encode(bytes) == text)
        #expect(Base64.decode(text) == bytes)
        #expect(Base64URL.encode(bytes) == bare)
        #expect(Base64URL.decode(bare) == bytes)
    }

    @Test func theAlphabetsDifferInTheirLastTwo() {
        #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
        #expect(Base64URL.encode([0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64.decode("--__") == nil)
        #expect(Base64URL.decode("++//") == nil)
    }

    @Test func everyByteStringComesBack() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 151 + count * 37) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    /// Of all 64² texts of two characters only those with four zero bits at the end are the text of a byte.
    @Test func aByteHasExactlyOneText() {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let texts = letters.flatMap { first in letters.map { String([first, $0]) } }
        let decoded = texts.compactMap { Base64URL.decode($0) }
        #expect(decoded.count == 256)
        #expect(Set(decoded).count == 256)
    }

    @Test(arguments: [
        "A", "AAAAA", "Zg==", "Zm8=", "Zh", "Zm9", "Zm 9v", "Zm9v\n", " Zm9v", "Zm9.", "Zm+v", "Zm/v", "Zmé",
        "Zm9\u{0}",
        "=", "====",
    ])
    func looseBase64URLIsRefused(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm8", "Zm9=", "Z===", "====", "=", "Zg==Zg==", "Zm9v\n", "Zm9v=", "Zm9v====",
        "Z=g=",
    ])
    func looseBase64IsRefused(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
