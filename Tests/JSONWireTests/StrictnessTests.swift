import JSONWire
import Testing

@Suite struct StrictnessTests {
    @Test(arguments: Vectors.accepted)
    func legalTextIsAcceptedByBothReaders(text: String) {
        #expect(Readings(Array(text)) == Readings(both: nil))
    }

    @Test(arguments: Vectors.refused)
    func illegalTextIsRefusedForOneReasonByBothReaders(text: String, fault: JSONFault) {
        #expect(Readings(Array(text)) == Readings(both: fault))
    }

    @Test(arguments: Vectors.refused.filter { $0.text.hasPrefix("{") })
    func scannedObjectIsRefusedForTheSameReason(text: String, fault: JSONFault) {
        #expect(throws: fault) { try Array(text).scan { _, _, _ in } }
    }

    @Test(arguments: ["[]", "1", "-1", "\"a\"", "true", "null", "false", " [1"])
    func topLevelMustBeAnObject(text: String) {
        #expect(throws: JSONFault.notAnObject) { try Array(text).scan { _, _, _ in } }
    }

    @Test func byteOrderMarkBeforeAnObjectIsRefused() {
        #expect(throws: JSONFault.unexpectedByte(offset: 0)) { try Array("\u{FEFF}{}").scan { _, _, _ in } }
    }

    @Test func textCutAnywhereIsRefused() {
        let message = Array(#" {"a\u00e9":[1.5e3,{"ü":"\ud83d\ude00é"},[true,null]],"n":-12,"s":"plain text here"}"#)
        #expect(Readings(message) == Readings(both: nil))
        for length in 0..<message.count {
            let readings = Readings(Array(message[..<length]))
            #expect(readings.scanner != nil && readings.scanner == readings.tree, "cut at \(length)")
        }
    }

    @Test func everyByteAtEveryPlaceOfAStringGetsItsVerdict() {
        for place in 0..<20 {
            for byte in UInt8.min...UInt8.max {
                var body = [UInt8](repeating: 0x61, count: 20)
                body[place] = byte
                let expected: JSONFault? =
                    switch byte {
                    case 0x22: .trailingBytes(offset: place + 2)
                    case 0x5C: place == 19 ? .unterminated : .invalidEscape(offset: place + 1)
                    case ..<0x20: .controlCharacter(offset: place + 1)
                    case 0x80...: .invalidUTF8(offset: place + 1)
                    default: nil
                    }
                #expect(Readings([0x22] + body + [0x22]) == Readings(both: expected), "byte \(byte) at \(place)")
            }
        }
    }

    @Test func onlyWellFormedUTF8IsAccepted() {
        let followers: [UInt8] = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0]
        let tails: [[UInt8]] = [
            [], [0x80], [0xBF], [0x41], [0x80, 0x80], [0xBF, 0xBF], [0x80, 0xC0], [0x80, 0x80, 0x80],
        ]
        for lead in UInt8(0x80)...0xFF {
            for second in followers {
                for tail in tails {
                    let body = [lead, second] + tail
                    let legal = String(validating: body, as: UTF8.self) != nil
                    let fault = Readings([0x22] + body + [0x22]).scanner
                    #expect((fault == nil) == legal, "\(body)")
                    if !legal { #expect(fault?.description.hasPrefix("invalid UTF-8") == true, "\(body)") }
                }
            }
        }
    }

    @Test func depthUpToTheLimitIsAcceptedAndOneMoreRefused() {
        for limit in [1, 2, 7, 512] {
            let text = Array(String(repeating: "[", count: limit) + String(repeating: "]", count: limit))
            #expect(Readings(text, maxDepth: limit) == Readings(both: nil))
            #expect(Readings(text, maxDepth: limit - 1) == Readings(both: .tooDeep(limit: limit - 1)))
        }
        #expect(Readings(Array("1"), maxDepth: 0) == Readings(both: nil))
        #expect(Readings(Array("{}"), maxDepth: -5) == Readings(both: .tooDeep(limit: 0)))
    }

    @Test func noCallerCanLiftTheDepthThatProtectsTheStack() {
        let bomb = Array(String(repeating: #"{"a":["#, count: 100_000))
        #expect(Readings(bomb, maxDepth: .max) == Readings(both: .tooDeep(limit: JSONScanner.deepest)))
    }

    @Test func damagedTextIsJudgedAlikeByBothReaders() {
        var random = SeededGenerator(seed: 7)
        let sample = Array(#"{"a":[1,-2.5e1,"x\n\u00e9é"],"b":{"c":true,"d":null},"c":"0123456789abcdef","e":{}}"#)
        let alphabet = Array("\"\\{}[],:0123456789.-+eEntfu \u{1}é")
        for _ in 0..<2_000 {
            var text = sample
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                text[Int.random(in: text.indices, using: &random)] = alphabet.randomElement(using: &random) ?? 0
            }
            let readings = Readings(text)
            #expect(readings.scanner == readings.tree, "\(String(decoding: text, as: UTF8.self))")
        }
    }
}
