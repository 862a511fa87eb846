import JSONWire
import Testing

@Suite struct DuplicateKeyTests {
    private func object(_ keys: some Sequence<String>) -> [UInt8] {
        Array("{" + keys.map { "\"\($0)\":0" }.joined(separator: ",") + "}")
    }

    @Test(arguments: [1, 15, 16, 17, 23, 24, 25, 26, 31, 32, 33, 100])
    func duplicateIsFoundWhateverTheNumberOfKeys(count: Int) {
        let keys = (0..<count).map { "some-longer-key-\($0)" }
        #expect(Readings(object(keys)) == Readings(both: nil))
        for repeated in [0, count / 2, count - 1] {
            let text = object(keys + [keys[repeated]])
            let offset = object(keys).count
            let fault = JSONFault.duplicateKey(name: keys[repeated], offset: offset)
            #expect(Readings(text) == Readings(both: fault))
        }
    }

    @Test(arguments: [2, 30])
    func escapedDuplicateIsFoundWhateverTheNumberOfKeys(count: Int) {
        let keys = (0..<count).map { "k\($0)" }
        let fault = JSONFault.duplicateKey(name: "k1", offset: object(keys).count)
        #expect(Readings(object(keys + ["\\u006b1"])) == Readings(both: fault))
        let escapedFirst = ["\\u006b1"] + keys.filter { $0 != "k1" }
        let second = JSONFault.duplicateKey(name: "k1", offset: object(escapedFirst).count)
        #expect(Readings(object(escapedFirst + ["k1"])) == Readings(both: second))
    }

    @Test func keysThatDifferOnlyInTheMiddleAreDistinct() {
        let keys = ["a", "b", "c"].map { "same-start-\($0)-same-end" }
        #expect(Readings(object(keys)) == Readings(both: nil))
    }

    @Test func outerKeysAreRememberedAcrossInnerObjects() {
        let inner = String(decoding: object((0..<40).map { "k\($0)" }), as: UTF8.self)
        let legal = Array("{\"k0\":\(inner),\"k1\":[\(inner),\(inner)],\"k2\":{\"k0\":\(inner)}}")
        #expect(Readings(legal) == Readings(both: nil))
        let illegal = Array("{\"k0\":\(inner),\"k1\":[\(inner),\(inner)],\"k0\":1}")
        let offset = illegal.count - "\"k0\":1}".utf8.count
        #expect(Readings(illegal) == Readings(both: .duplicateKey(name: "k0", offset: offset)))
    }

    @Test func manyOpenObjectsKeepAllTheirKeys() {
        let head = (0..<20).map { "\"k\($0)\":0," }.joined() + "\"next\":"
        let opening = String(repeating: "{" + head, count: 30)
        let closing = String(repeating: "}", count: 30)
        #expect(Readings(Array(opening + "1" + closing)) == Readings(both: nil))
        let fault = Readings(Array(opening + "1" + String(repeating: "}", count: 29) + ",\"k19\":1}"))
        #expect(fault == Readings(both: .duplicateKey(name: "k19", offset: opening.utf8.count + 31)))
    }

    @Test func canonicallyEquivalentKeysAreTwoKeys() throws {
        let text = Array("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(Readings(text) == Readings(both: nil))
        let object = try #require(try JSONValue.parse(text, maxDepth: 1).objectValue)
        #expect(object.count == 2)
        #expect(object["e\u{301}"] == 2)
    }

    @Test func nameInAFaultIsShort() {
        let key = String(repeating: "k", count: 10_000)
        guard case .duplicateKey(let name, _) = Readings(object([key, key])).scanner else {
            Issue.record("a duplicate was not found")
            return
        }
        #expect(name == String(repeating: "k", count: 64) + "…")
    }

    @Test func hundredThousandKeysAreRead() throws {
        let text = object((0..<100_000).map { "key\($0)" })
        let value = try JSONValue.parse(text, maxDepth: 1)
        #expect(value.objectValue?.count == 100_000)
        #expect(value.objectValue?["key99999"] == 0)
        let fault = JSONFault.duplicateKey(name: "key5", offset: text.count)
        #expect(throws: fault) { try (text.dropLast() + Array(",\"key5\":0}")).validate(maxDepth: 1) }
    }
}
