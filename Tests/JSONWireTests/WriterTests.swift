import JSONWire
import Testing

@Suite struct WriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func commasComeByThemselves() {
        let text = written {
            $0.beginObject()
            $0.key("a")
            $0.beginArray()
            $0.integer(1)
            $0.beginArray()
            $0.endArray()
            $0.beginObject()
            $0.endObject()
            $0.null()
            $0.endArray()
            $0.key(String("b"))
            $0.bool(false)
            $0.endObject()
        }
        #expect(text == #"{"a":[1,[],{},null],"b":false}"#)
    }

    @Test func everyMemberFormWritesItsValue() {
        let text = written {
            $0.beginObject()
            $0.member("s", "x")
            $0.member("i", -7)
            $0.member("u", UInt64.max)
            $0.member("t", true)
            $0.member("d", 1.5)
            $0.member("some", String?.some("y"))
            $0.member("none", String?.none)
            $0.member("literal", nil)
            $0.member("v", ["k": [1, nil]] as JSONValue)
            $0.member("raw", raw: Array("[0]"))
            $0.member("slice", raw: Array("[0,1]")[...])
            $0.endObject()
        }
        #expect(
            text == #"{"s":"x","i":-7,"u":18446744073709551615,"t":true,"d":1.5,"some":"y","none":null,"#
                + #""literal":null,"v":{"k":[1,null]},"raw":[0],"slice":[0,1]}"#)
    }

    @Test func rawBytesAreCopiedAsAnyOtherValue() {
        let text = written { writer in
            writer.beginArray()
            Array("{}").withUnsafeBytes { writer.raw($0) }
            writer.raw(Array("1"))
            writer.raw(Array("[2]")[1...1])
            writer.endArray()
        }
        #expect(text == "[{},1,2]")
    }

    @Test func onlyWhatMustBeEscapedIs() {
        for scalar in (0..<0x80).compactMap({ Unicode.Scalar($0) }) {
            let expected =
                switch scalar {
                case "\"": "\\\""
                case "\\": "\\\\"
                case "\n": "\\n"
                case "\r": "\\r"
                case "\t": "\\t"
                case "\u{8}": "\\b"
                case "\u{C}": "\\f"
                case "\0"..."\u{F}": "\\u000" + String(scalar.value, radix: 16)
                case "\0"..."\u{1F}": "\\u00" + String(scalar.value, radix: 16)
                default: String(scalar)
                }
            for around in ["", "abcdefghij", "é"] {
                #expect(written { $0.string(around + String(scalar) + around) } == "\"\(around)\(expected)\(around)\"")
            }
        }
        #expect(written { $0.string("/é€😀\u{2028}") } == "\"/é€😀\u{2028}\"")
    }

    @Test func keysAreEscapedToo() {
        let text = written {
            $0.beginObject()
            $0.key("a\"b")
            $0.null()
            $0.key(String("\n"))
            $0.null()
            $0.endObject()
        }
        #expect(text == #"{"a\"b":null,"\n":null}"#)
    }

    @Test func bytesThatAreNotUTF8BecomeReplacementCharacters() {
        let text = written { writer in
            ([0x61, 0xFF, 0x22] as [UInt8]).withUnsafeBytes { writer.string(utf8: $0) }
        }
        #expect(text == "\"a\u{FFFD}\\\"\"")
        #expect(written { writer in Array("é\n").withUnsafeBytes { writer.string(utf8: $0) } } == "\"é\\n\"")
    }

    @Test(arguments: [
        (0, "0"), (9, "9"), (10, "10"), (-1, "-1"), (12_345_678_901, "12345678901"), (Int.max, "9223372036854775807"),
        (Int.min, "-9223372036854775808"),
    ])
    func integersAreWrittenInFull(value: Int, expected: String) {
        #expect(written { $0.integer(value) } == expected)
    }

    @Test(arguments: [
        (0.1, "0.1"), (5.0, "5.0"), (-0.0, "-0.0"), (1e21, "1e+21"), (Double.leastNonzeroMagnitude, "5e-324"),
        (Double.infinity, "null"),
        (-Double.infinity, "null"), (Double.nan, "null"), (0.1 + 0.2, "0.30000000000000004"),
    ])
    func doublesAreShortestAndFinite(value: Double, expected: String) {
        #expect(written { $0.number(value) } == expected)
    }

    @Test func resetWriterStartsAfresh() {
        var writer = JSONWriter(reserving: 64)
        writer.integer(1)
        writer.reset()
        #expect(writer.bytes.isEmpty)
        writer.integer(2)
        #expect(writer.bytes == Array("2"))
    }
}
