import JSONWire
import Testing

@Suite struct FaultTests {
    @Test(arguments: [
        (JSONFault.empty, "empty text"),
        (.unexpectedByte(offset: 1), "unexpected byte at byte 1"),
        (.unterminated, "text ends inside a value"),
        (.invalidNumber(offset: 2), "invalid number at byte 2"),
        (.invalidEscape(offset: 3), "invalid escape at byte 3"),
        (.controlCharacter(offset: 4), "unescaped control character at byte 4"),
        (.invalidUTF8(offset: 5), "invalid UTF-8 at byte 5"),
        (.duplicateKey(name: "id", offset: 17), #"duplicate key "id" at byte 17"#),
        (.duplicateKey(name: "a\nb\"", offset: 0), #"duplicate key "a\nb\"" at byte 0"#),
        (.tooDeep(limit: 32), "nested deeper than 32 levels"),
        (.trailingBytes(offset: 6), "bytes after the value at byte 6"),
        (.notAnObject, "not an object"),
    ])
    func faultSpeaksInOneLine(fault: JSONFault, words: String) {
        #expect(fault.description == words)
    }
}
