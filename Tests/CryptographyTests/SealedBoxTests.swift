import Testing

@testable import Cryptography

@Suite struct SealedBoxTests {
    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.utf8.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }

    /// Test cases 13, 14 and 15 of "The Galois/Counter Mode of Operation" (McGrew and Viega).
    @Test(arguments: [
        (
            String(repeating: "00", count: 32), "000000000000000000000000", "", "",
            "530f8afbc74536b9a963b4f1c4cb738b"
        ),
        (
            String(repeating: "00", count: 32), "000000000000000000000000", String(repeating: "00", count: 16),
            "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
            "b094dac5d93471bdec1a502270e3cc6c"
        ),
    ])
    func itIsTheAESGCMOfOthers(key: String, nonce: String, plain: String, text: String, tag: String) throws {
        let key = SealingKey(bytes: bytes(key))
        let box = try SealedBox.seal(bytes(plain), under: key, nonce: bytes(nonce))
        #expect(Hexadecimal.encode(box) == nonce + text + tag)
        #expect(SealedBox.open(box, under: key) == bytes(plain))
    }

    /// Test cases 1 and 3 of RFC 5869, as far as their first block goes.
    @Test func keysAreDerivedAsByHKDF() {
        let secret = [UInt8](repeating: 0x0B, count: 22)
        #expect(
            Hexadecimal.encode(
                SealingKey.derive(
                    secret, salt: bytes("000102030405060708090a0b0c"), information: bytes("f0f1f2f3f4f5f6f7f8f9")))
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
        #expect(
            Hexadecimal.encode(SealingKey.derive(secret, salt: [], information: []))
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
    }

    @Test func aBoxOpensToItsOwnKeyAloneAndOnlyUnchanged() throws {
        let key = SealingKey(secret: "secret", purpose: "one")
        let box = try SealedBox.seal(Array("what is kept".utf8), under: key)
        #expect(SealedBox.open(box, under: key) == Array("what is kept".utf8))
        #expect(SealedBox.open(box, under: SealingKey(secret: "secret", purpose: "two")) == nil)
        #expect(SealedBox.open(box, under: SealingKey(secret: "other", purpose: "one")) == nil)
        for index in box.indices {
            var changed = box
            changed[index] ^= 1
            #expect(SealedBox.open(changed, under: key) == nil, "byte \(index)")
        }
        for count in 0..<box.count { #expect(SealedBox.open(Array(box.prefix(count)), under: key) == nil) }
        #expect(SealedBox.open(box + [0], under: key) == nil)
    }

    @Test func noTwoBoxesAreAlike() throws {
        let key = SealingKey(secret: "secret", purpose: "one")
        let boxes = try (0..<50).map { _ in try SealedBox.seal([1], under: key) }
        #expect(Set(boxes).count == 50)
    }

    @Test func aKeyIsReadAsItWasWritten() {
        let key = SealingKey(secret: "secret", purpose: "one")
        #expect(SealingKey(base64URL: key.base64URL) == key)
        #expect(SealingKey(base64URL: "") == nil && SealingKey(base64URL: key.base64URL + "AA") == nil)
    }
}
