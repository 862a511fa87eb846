import RoomCore
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["a3f5e8c9", "00000000", "a3f5e8c9-2", "a3f5e8c9-123456789"])
    func modelIDsAreEightHexDigitsAndPerhapsANumber(_ text: String) { #expect(ModelID(text)?.text == text) }

    @Test(arguments: [
        "", "a3f5e8c", "A3F5E8C9", "a3f5e8cg", "a3f5e8c9-", "a3f5e8c9-x", "a3f5e8c9_2", "a3f5e8c9-2-3", "a3f5e8c92",
        "a3f5e8c9-١", " a3f5e8c9",
    ])
    func otherModelIDsAreRefused(_ text: String) { #expect(ModelID(text) == nil) }

    @Test func suffixesReplaceEachOther() {
        #expect(ModelID(trusted: "a3f5e8c9-7").suffixed(2).text == "a3f5e8c9-2")
    }

    @Test(arguments: ["a", "7", "production-v2", "v1.0_final", "A3F5E8C", "a3f5e8c9a", "a3f5e8cg", "Latest-1"])
    func aliasesAreShortNames(_ text: String) { #expect(Alias(text)?.text == text) }

    @Test(arguments: [
        "", "-a", "a-", "_a", "a_", ".a", "a.", "a b", "a/b", "é", "a3f5e8c9", "A3F5E8C9", "12345678", "all", "latest",
        "none", "null", "a\n", String(repeating: "a", count: 65),
    ])
    func otherAliasesAreRefused(_ text: String) { #expect(Alias(text) == nil) }

    @Test func aliasesMayHave64CharactersAndTellCaseApart() {
        #expect(Alias(String(repeating: "x", count: 64)) != nil)
        #expect(Alias("Best") != Alias("best"))
    }

    @Test func digestsAre64LowercaseHexDigits() {
        #expect(Digest(String(repeating: "a", count: 64)) != nil)
        #expect(Digest(String(repeating: "a", count: 63)) == nil)
        #expect(Digest(String(repeating: "A", count: 64)) == nil)
        #expect(Digest(String(repeating: "g", count: 64)) == nil)
    }

    @Test func roomsAndEpochsAreTokens() {
        #expect(RoomID("lab_mice-1") != nil)
        #expect(RoomID("") == nil && RoomID("a/b") == nil && RoomID(String(repeating: "a", count: 65)) == nil)
        #expect(Epoch("a1") != nil && Epoch("a b") == nil)
    }

    @Test func workersAndUsersAreFreeOfControlCharacters() {
        #expect(WorkerName("gpu 1 ü") != nil && WorkerName("gpu\n1") == nil && WorkerName("") == nil)
        #expect(UserID("auth0|x") != nil && UserID("\u{7F}") == nil)
        #expect(WorkerName(String(repeating: "é", count: 65)) == nil)
    }

    @Test func peerIDsReadTheSameRawAndEscaped() {
        #expect(PeerID("worker-1 ~") != nil)
        for text in ["", "a\"b", "a\\b", "é", "a\tb"] { #expect(PeerID(text) == nil) }
    }

    @Test(arguments: ["best.ckpt", "a/b.yaml", "...", "a..b", ".hidden", String(repeating: "a", count: 255)])
    func filePathsAreRelative(_ path: String) { #expect(ModelFile.isValidPath(path)) }

    @Test(arguments: [
        "", "/a", "../a", "a/../b", "a/..", ".", "./a", "a//b", "a/", "a\\b", "a\0b",
        String(repeating: "a", count: 256),
    ])
    func otherFilePathsAreRefused(_ path: String) { #expect(!ModelFile.isValidPath(path)) }

    @Test func digestLinesAreSortedByPathBytes() {
        let files = ["b", "é", "Z", "a"].map { ModelFile(path: $0, size: 1, sha256: .of("0")) }
        let zeros = String(repeating: "0", count: 64)
        #expect(
            ModelFile.digestLines(of: files) == ["Z", "a", "b", "é"].map { "\(zeros)  \($0)\n" }.joined())
    }

    @Test func tagsAreShortWords() {
        #expect(Tag.isValid("a:b/c.d-e_f") && !Tag.isValid("") && !Tag.isValid("a b"))
        #expect(!Tag.isValid(String(repeating: "a", count: 65)))
    }

    @Test func rolesAreRanked() {
        #expect(MemberRole.allCases.sorted() == [.viewer, .worker, .publisher, .maintainer, .owner])
    }
}
