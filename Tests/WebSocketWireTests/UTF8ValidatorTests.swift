import Testing
import WebSocketWire

struct Octets: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
        testDescription = name
        self.bytes = bytes
    }
}

private let validTexts = [
    Octets("nothing", []),
    Octets("kosme", [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5]),
    Octets("first of one byte", [0x00]),
    Octets("first of two bytes", [0xC2, 0x80]),
    Octets("first of three bytes", [0xE0, 0xA0, 0x80]),
    Octets("first of four bytes", [0xF0, 0x90, 0x80, 0x80]),
    Octets("last of one byte", [0x7F]),
    Octets("last of two bytes", [0xDF, 0xBF]),
    Octets("last of three bytes", [0xEF, 0xBF, 0xBF]),
    Octets("last of four bytes", [0xF4, 0x8F, 0xBF, 0xBF]),
    Octets("last before the surrogates", [0xED, 0x9F, 0xBF]),
    Octets("first after the surrogates", [0xEE, 0x80, 0x80]),
    Octets("replacement character", [0xEF, 0xBF, 0xBD]),
    Octets("noncharacters", [0xEF, 0xB7, 0x90, 0xEF, 0xBF, 0xBE, 0xF0, 0x9F, 0xBF, 0xBF]),
]

/// Each ends at the byte that no continuation could make right.
private let invalidTexts = [
    Octets("first continuation byte alone", [0x80]),
    Octets("last continuation byte alone", [0xBF]),
    Octets("two-byte lead and a space", [0xC3, 0x20]),
    Octets("three-byte lead and a space", [0xE2, 0x20]),
    Octets("three-byte sequence cut by a space", [0xE2, 0x82, 0x20]),
    Octets("four-byte sequence cut by a space", [0xF1, 0x80, 0x80, 0x20]),
    Octets("sequence cut by a lead", [0xE2, 0x82, 0xC3]),
    Octets("FE", [0xFE]),
    Octets("FF", [0xFF]),
    Octets("five-byte lead", [0xF8]),
    Octets("six-byte lead", [0xFC]),
    Octets("overlong slash in two", [0xC0]),
    Octets("overlong DEL in two", [0xC1]),
    Octets("overlong slash in three", [0xE0, 0x80]),
    Octets("overlong U+07FF in three", [0xE0, 0x9F]),
    Octets("overlong slash in four", [0xF0, 0x80]),
    Octets("overlong U+FFFF in four", [0xF0, 0x8F]),
    Octets("first surrogate", [0xED, 0xA0]),
    Octets("last surrogate", [0xED, 0xBF]),
    Octets("U+110000", [0xF4, 0x90]),
    Octets("above U+13FFFF", [0xF5]),
]

/// Each is right so far and not at an end.
private let incompleteTexts = [
    Octets("one of two", [0xC3]),
    Octets("one of three", [0xE2]),
    Octets("two of three", [0xE2, 0x82]),
    Octets("one of four", [0xF0]),
    Octets("two of four", [0xF0, 0x9F]),
    Octets("three of four", [0xF0, 0x9F, 0x8E]),
]

/// Of every length about the validator's words, so that what follows falls on every path.
private let prefixes = (0...40).map { [UInt8](repeating: 0x61, count: $0) } + [Array("ünï€😀".utf8)]
private let suffixes: [[UInt8]] = [[], Array("z".utf8), Array("éé".utf8), [UInt8](repeating: 0x7A, count: 40)]

@Suite struct UTF8ValidatorTests {
    private func verdict(_ parts: [some Collection<UInt8>]) -> (valid: Bool, complete: Bool) {
        var validator = UTF8Validator()
        var valid = true
        for part in parts { valid = Array(part).withUnsafeBytes { validator.feed($0) } }
        return (valid, validator.isComplete)
    }

    @Test(arguments: validTexts)
    func validTextIsAdmitted(_ text: Octets) {
        for prefix in prefixes {
            for suffix in suffixes {
                #expect(verdict([prefix + text.bytes + suffix]) == (true, true), "after \(prefix.count) bytes")
            }
        }
    }

    @Test(arguments: invalidTexts)
    func wrongByteIsRefusedWhereItStands(_ text: Octets) {
        for prefix in prefixes {
            #expect(verdict([prefix + text.bytes]) == (false, false), "after \(prefix.count) bytes")
            #expect(verdict([prefix + text.bytes.dropLast()]).valid, "the last byte is the wrong one")
            for suffix in suffixes { #expect(!verdict([prefix + text.bytes + suffix]).valid) }
        }
    }

    @Test(arguments: incompleteTexts)
    func incompleteTextIsNotComplete(_ text: Octets) {
        for prefix in prefixes {
            #expect(verdict([prefix + text.bytes]) == (true, false), "after \(prefix.count) bytes")
        }
    }

    @Test(arguments: validTexts + invalidTexts + incompleteTexts)
    func verdictDoesNotDependOnTheCut(_ text: Octets) {
        let bytes = Array("ab".utf8) + text.bytes
        let whole = verdict([bytes])
        #expect(verdict(bytes.map { [$0] }) == whole)
        for cut in 0...bytes.count { #expect(verdict([bytes[..<cut], bytes[cut...]]) == whole, "cut at \(cut)") }
    }

    @Test func refusalIsForGood() {
        #expect(verdict([[0xFF], [0x61], []] as [[UInt8]]) == (false, false))
    }

    @Test func everyPairFromTheEndOfASCIIOnIsJudgedAsTheStandardLibraryDoes() {
        for first in UInt8(0x7F)...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                let verdict = verdict([bytes])
                guard (verdict.valid && verdict.complete) != isText(bytes) else { continue }
                Issue.record("\(bytes)")
            }
        }
    }

    @Test func randomSequencesAreJudgedAsTheStandardLibraryDoes() {
        var generator = SeededGenerator(seed: 8)
        let interesting: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5,
        ]
        var valid = 0
        for _ in 0..<6000 {
            let bytes = (0..<4).map { place in
                let isContinuation = place > 0 && UInt8.random(in: 0..<4, using: &generator) > 0
                let choice = isContinuation ? interesting[3...8] : interesting[...]
                return choice[Int.random(in: choice.indices, using: &generator)]
            }
            let verdict = verdict([bytes])
            valid += isText(bytes) ? 1 : 0
            guard (verdict.valid && verdict.complete) != isText(bytes) else { continue }
            Issue.record("\(bytes)")
        }
        #expect(valid > 100, "the stream must hold both kinds")
    }

    private func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
