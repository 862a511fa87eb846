import JSONWire
import Testing

@Suite struct SpanTests {
    private static let message = Array(
        #" {"type" : "offer","n":-12,"x":2.5,"ok":true,"no":false,"z":null,"o":{"a":[1, 2]},"a":[ ],"e\n":"\ud83d\ude00"} "#
    )

    @Test func everyTopLevelMemberIsPointedAtInOrder() throws {
        let members = try Self.message.scan { key, value, bytes in
            JSONScanner.decodeString(key, in: bytes) + "=" + String(decoding: bytes[value.range], as: UTF8.self)
        }
        #expect(
            members == [
                "type=offer", "n=-12", "x=2.5", "ok=true", "no=false", "z=null", #"o={"a":[1, 2]}"#, "a=[ ]",
                #"e\#n=\ud83d\ude00"#,
            ])
    }

    @Test func spansTellKindAndEscapes() throws {
        let spans = try Self.message.scan { _, value, _ in value }
        #expect(spans.map(\.kind) == [.string, .number, .number, .true, .false, .null, .object, .array, .string])
        #expect(spans.map(\.escaped) == [false, false, false, false, false, false, false, false, true])
    }

    @Test func rawRangeTakesInTheQuotes() throws {
        let raw = try Self.message.scan { _, value, bytes in String(decoding: bytes[value.rawRange], as: UTF8.self) }
        #expect(raw.first == #""offer""#)
        #expect(raw[1] == "-12")
    }

    @Test func valuesAreReadOnlyAsTheirKind() throws {
        let strings = try Self.message.scan { _, value, bytes in JSONScanner.string(value, in: bytes) }
        #expect(strings == ["offer", nil, nil, nil, nil, nil, nil, nil, "😀"])
        let integers = try Self.message.scan { _, value, bytes in JSONScanner.integer(value, in: bytes) }
        #expect(integers == [nil, -12, nil, nil, nil, nil, nil, nil, nil])
        let doubles = try Self.message.scan { _, value, bytes in JSONScanner.double(value, in: bytes) }
        #expect(doubles == [nil, -12, 2.5, nil, nil, nil, nil, nil, nil])
        let bools = try Self.message.scan { _, value, _ in JSONScanner.bool(value) }
        #expect(bools == [nil, nil, nil, true, false, nil, nil, nil, nil])
    }

    @Test func spanMatchesItsNameWithOrWithoutEscapes() throws {
        let text = Array(#"{"type":1,"\u0074ype2":1,"types":1,"typ":1}"#)
        let matches = try text.scan { key, value, bytes in
            JSONScanner.matches(key, "type", in: bytes) || JSONScanner.matches(key, "type2", in: bytes)
                || JSONScanner.matches(value, "1", in: bytes)
        }
        #expect(matches == [true, true, false, false])
    }

    @Test(arguments: [
        (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u0041\u00e9\u20AC\uFFFF"#, "Aé€\u{FFFF}"),
        (#"\uD83D\uDE00!"#, "😀!"), (#"é\u0301"#, "é\u{301}"), (#"\u0000"#, "\0"), (#"\\u0041"#, #"\u0041"#), ("", ""),
        (#"\uDBFF\uDFFF"#, "\u{10FFFF}"),
        (#"long plain run before \n and after it as well"#, "long plain run before \n and after it as well"),
    ])
    func escapesAreDecoded(body: String, expected: String) throws {
        let text = Array("{\"v\":\"\(body)\"}")
        let decoded = try text.scan { _, value, bytes in JSONScanner.decodeString(value, in: bytes) }
        #expect(decoded.map { Array($0) } == [Array(expected)])
        let tree = try JSONValue.parse(text, maxDepth: 1).objectValue?["v"]
        #expect(tree == .string(expected))
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("7", 7), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
        ("9223372036854775808", nil), ("-9223372036854775809", nil), ("2.0", 2), ("2.5", nil), ("12e2", 1_200),
        ("1e-1", nil), ("1e300", nil), ("99999999999999999999", nil), ("-3.0e0", -3),
        ("9007199254740991.0", 9_007_199_254_740_991),
        ("9007199254740993.0", nil), ("1e18", nil),
    ])
    func integerIsReadAlikeFromSpanAndTree(text: String, expected: Int?) throws {
        let message = Array("{\"v\":\(text)}")
        #expect(try message.scan { _, value, bytes in JSONScanner.integer(value, in: bytes) } == [expected])
        #expect(try JSONValue.parse(message, maxDepth: 1).objectValue?["v"]?.intValue == expected)
    }

    @Test func doublesAreTheNearestToTheirText() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<1_500 {
            let whole = UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0..<64, using: &random)
            let fraction = UInt64.random(in: 0..<100_000, using: &random)
            let exponent = Int.random(in: -40...40, using: &random)
            let text = "\(Bool.random(using: &random) ? "-" : "")\(whole).\(fraction)e\(exponent)"
            let found = try Array("{\"v\":\(text)}").scan { _, value, bytes in JSONScanner.double(value, in: bytes) }
            #expect(found == [Double(text)], "\(text)")
        }
    }
}
