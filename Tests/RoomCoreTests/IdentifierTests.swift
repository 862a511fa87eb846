import RoomCore
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["a3f5e8c9", "00000000", "a3f5e8c9-2", "a3f5e8c9-10"])
    func modelIDs(_ text: String) { #expect(ModelID(text)?.text == text) }

    @Test(arguments: ["", "a3f5e8c", "a3f5e8c9a", "A3F5E8C9", "a3f5e8c9-", "a3f5e8c9-x", "g3f5e8c9", "a3f5e8c9-2-3"])
    func noModelIDs(_ text: String) { #expect(ModelID(text) == nil) }

    @Test(arguments: [
        "production-v2", "a", "A.b_c-9", "1234567", "123456789", "deadbeeg", String(repeating: "x", count: 64),
    ])
    func aliases(_ text: String) { #expect(Alias(text)?.text == text) }

    @Test(arguments: [
        "", "-a", "a-", "_a", "a_", ".a", "a.", "a b", "ä", "deadbeef", "DEADBEEF", "12345678", "all", "Latest", "NONE",
        "null",
        String(repeating: "x", count: 65), "a/b",
    ])
    func noAliases(_ text: String) { #expect(Alias(text) == nil) }

    @Test(arguments: ["best.ckpt", "a/b/c.yaml", "..ckpt", "...", "ä.ckpt", String(repeating: "x", count: 255)])
    func filePaths(_ path: String) { #expect(ModelFile.isValidPath(path)) }

    @Test(arguments: [
        "", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a\\b", "a\0b", String(repeating: "x", count: 256),
    ])
    func noFilePaths(_ path: String) { #expect(!ModelFile.isValidPath(path)) }

    @Test func peerIDsReadTheSameRawAndEscaped() {
        #expect(PeerID("worker-acct_AbC-gpu01-1f2e3d") != nil)
        #expect(PeerID("a\"b") == nil)
        #expect(PeerID("a\\b") == nil)
        #expect(PeerID("") == nil)
        #expect(PeerID("é") == nil)
        #expect(PeerID(String(repeating: "p", count: 129)) == nil)
    }

    @Test func digestsAre64LowercaseHexDigits() {
        #expect(Digest(String(repeating: "a", count: 64)) != nil)
        #expect(Digest(String(repeating: "A", count: 64)) == nil)
        #expect(Digest(String(repeating: "a", count: 63)) == nil)
    }

    @Test func digestLinesAreSortedByPathAsBytes() {
        let hash = Digest(trusted: String(repeating: "0", count: 64))
        let files = ["b", "a", "é", "Z"].map { ModelFile(path: $0, size: 1, sha256: hash) }
        #expect(ModelFile.digestLines(of: files) == ["Z", "a", "b", "é"].map { "\(hash)  \($0)\n" }.joined())
    }
}
