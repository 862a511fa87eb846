import Testing

@testable import Cryptography

@Suite struct SHA256Tests {
    /// FIPS 180-4, the examples published with it.
    static let vectors: [(String, String)] = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
                + "nopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ]

    @Test(arguments: vectors)
    func digestsAreThePublishedOnes(text: String, expected: String) {
        #expect(SHA256.hex(text) == expected)
        #expect(SHA256.hex(Array(text.utf8)) == expected)
        #expect(Hexadecimal.encode(SHA256.digest(Array(text.utf8))) == expected)
    }

    @Test func aStreamOfPiecesIsTheDigestOfTheWhole() {
        var stream = SHA256Stream()
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        for _ in 0..<1000 { stream.update(piece) }
        stream.update([])
        #expect(stream.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func aStreamOfNothingIsTheDigestOfNothing() {
        #expect(SHA256Stream().digest() == SHA256.digest([]))
    }

    @Test func unevenPiecesAreJoined() {
        let whole = (0..<300).map { UInt8(truncatingIfNeeded: $0) }
        for cut in [0, 1, 63, 64, 65, 299, 300] {
            var stream = SHA256Stream()
            stream.update(Array(whole[..<cut]))
            stream.update(Array(whole[cut...]))
            #expect(stream.digest() == SHA256.digest(whole))
        }
    }
}
