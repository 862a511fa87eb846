import JSONWire

/// Texts and the one verdict both readers must give. Anyone may add a line.
enum Vectors {
    static let accepted = [
        "null", "true", "false", "0", "-0", "-1", "10", "1.5", "-0.0", "0.10", "1e2", "1E+2", "1e-2", "1E2", "0e0",
        "0e+01", "123456789012345678901234567890", "1e308", "1.7976931348623157e308", "1e-999",
        "0e99999999999999999999",
        "1e-99999999999999999999", "5e-324", "-9223372036854775808", "9223372036854775807", "9223372036854775808",
        #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9\u00E9""#, #""\ud83d\ude00""#,
        #""\uDBFF\uDFFF""#,
        #""\uFFFF""#, "\"\u{7F}\"", "\"é€😀\"", "\"\u{10FFFF}\"", "\"\u{2028}\"",
        "\"abcdefghijklmnopqrstuvwxyz é 0123456789\"",
        "[]", "{}", "[ ]", "{ }", "[1,2]", " \t\r\n[ 1 , 2 ] \t\r\n", "[[],[[]],{}]", #"{"":0}"#,
        #"{"a":{"a":{"a":1}}}"#,
        #"[{"a":1},{"a":1}]"#, #"{"a":1,"A":1}"#, "{\"\u{E9}\":1,\"e\u{301}\":1}", #"{"a":[{"b":1},{"b":2}],"b":3}"#,
        #"{"abcdefgh1":1,"abcdefgh2":2,"1abcdefgh":3}"#, #"{"a":1,"a\u0000":2}"#,
    ]

    static let refused: [(text: String, fault: JSONFault)] =
        structure + numbers + escapes + duplicates

    private static let structure: [(text: String, fault: JSONFault)] = [
        ("", .empty), ("   \n", .empty), ("\u{FEFF}{}", .unexpectedByte(offset: 0)), ("\0", .unexpectedByte(offset: 0)),
        ("{", .unterminated), ("[", .unterminated), ("[1", .unterminated), ("[1,", .unterminated),
        ("\"", .unterminated),
        (#"{"a""#, .unterminated), (#"{"a":"#, .unterminated), (#"{"a":1"#, .unterminated),
        (#"{"a":1,"#, .unterminated),
        ("tru", .unterminated), ("nul", .unterminated), ("trux", .unexpectedByte(offset: 3)),
        ("True", .unexpectedByte(offset: 0)), ("truee", .trailingBytes(offset: 4)),
        ("undefined", .unexpectedByte(offset: 0)),
        ("[1,]", .unexpectedByte(offset: 3)), ("[,1]", .unexpectedByte(offset: 1)),
        ("[1 2]", .unexpectedByte(offset: 3)),
        ("[1,,2]", .unexpectedByte(offset: 3)), ("]", .unexpectedByte(offset: 0)), ("[1}", .unexpectedByte(offset: 2)),
        (#"{"a":1,}"#, .unexpectedByte(offset: 7)), (#"{"a" 1}"#, .unexpectedByte(offset: 5)),
        (#"{"a":}"#, .unexpectedByte(offset: 5)), ("{a:1}", .unexpectedByte(offset: 1)),
        ("{'a':1}", .unexpectedByte(offset: 1)),
        ("{1:1}", .unexpectedByte(offset: 1)), (#"{"a":1]"#, .unexpectedByte(offset: 6)),
        (#"{,}"#, .unexpectedByte(offset: 1)),
        ("{} {}", .trailingBytes(offset: 3)), ("1 2", .trailingBytes(offset: 2)), ("[]\0", .trailingBytes(offset: 2)),
        ("{}}", .trailingBytes(offset: 2)), ("/*c*/1", .unexpectedByte(offset: 0)), ("1//c", .trailingBytes(offset: 1)),
        ("\u{A0}1", .unexpectedByte(offset: 0)), ("\u{0B}1", .unexpectedByte(offset: 0)),
        ("[\u{0C}]", .unexpectedByte(offset: 1)),
    ]

    private static let numbers: [(text: String, fault: JSONFault)] = [
        ("01", .invalidNumber(offset: 0)), ("-01", .invalidNumber(offset: 0)), ("00", .invalidNumber(offset: 0)),
        ("1.", .invalidNumber(offset: 0)), ("-", .invalidNumber(offset: 0)), ("--1", .invalidNumber(offset: 0)),
        ("1.e1", .invalidNumber(offset: 0)), ("1e", .invalidNumber(offset: 0)), ("1e+", .invalidNumber(offset: 0)),
        ("1E-", .invalidNumber(offset: 0)), ("-.5", .invalidNumber(offset: 0)), ("[1,2.]", .invalidNumber(offset: 3)),
        ("-NaN", .invalidNumber(offset: 0)), ("-Infinity", .invalidNumber(offset: 0)),
        ("[1e]", .invalidNumber(offset: 1)),
        ("1e309", .invalidNumber(offset: 0)), ("-1e999", .invalidNumber(offset: 0)),
        ("[1e99999999999999999999]", .invalidNumber(offset: 1)),
        ("1.7976931348623159e308", .invalidNumber(offset: 0)),
        (String(repeating: "9", count: 400), .invalidNumber(offset: 0)),
        (".5", .unexpectedByte(offset: 0)), ("+1", .unexpectedByte(offset: 0)), ("NaN", .unexpectedByte(offset: 0)),
        ("Infinity", .unexpectedByte(offset: 0)), ("[-]", .invalidNumber(offset: 1)),
        ("1.2.3", .trailingBytes(offset: 3)),
        ("0x10", .trailingBytes(offset: 1)), ("1_000", .trailingBytes(offset: 1)), ("1e1.5", .trailingBytes(offset: 3)),
        ("１", .unexpectedByte(offset: 0)),
    ]

    private static let escapes: [(text: String, fault: JSONFault)] = [
        (#""\x41""#, .invalidEscape(offset: 1)), (#""\'""#, .invalidEscape(offset: 1)),
        (#""ab\0""#, .invalidEscape(offset: 3)),
        (#""\u12""#, .invalidEscape(offset: 1)), (#""\u12G4""#, .invalidEscape(offset: 1)),
        (#""\U0041""#, .invalidEscape(offset: 1)),
        (#""\ud800""#, .invalidEscape(offset: 1)), (#""\udc00""#, .invalidEscape(offset: 1)),
        (#""\ud800x""#, .invalidEscape(offset: 1)),
        (#""\ud800\n""#, .invalidEscape(offset: 1)), (#""\ud800\ud800""#, .invalidEscape(offset: 1)),
        (#""\ud800\u0041""#, .invalidEscape(offset: 1)), (#""\udc00\ud800""#, .invalidEscape(offset: 1)),
        (#""\ud83d\ude0""#, .invalidEscape(offset: 1)), (#""\"#, .unterminated), (#""a\""#, .unterminated),
        ("\"a\nb\"", .controlCharacter(offset: 2)), ("\"\t\"", .controlCharacter(offset: 1)),
        ("\"\0\"", .controlCharacter(offset: 1)),
        ("\"0123456789\u{1F}\"", .controlCharacter(offset: 11)), (#"{"a\q":1}"#, .invalidEscape(offset: 3)),
    ]

    private static let duplicates: [(text: String, fault: JSONFault)] = [
        (#"{"a":1,"a":1}"#, .duplicateKey(name: "a", offset: 7)), (#"{"":1,"":1}"#, .duplicateKey(name: "", offset: 6)),
        (#"{"a":1,"b":2,"a":3}"#, .duplicateKey(name: "a", offset: 13)),
        (#"{"a":1,"\u0061":1}"#, .duplicateKey(name: "a", offset: 7)),
        (#"{"\u0061":1,"a":1}"#, .duplicateKey(name: "a", offset: 12)),
        (#"{"\/":1,"\u002f":1}"#, .duplicateKey(name: "/", offset: 8)),
        (#"{"x":{"a":1,"a":2}}"#, .duplicateKey(name: "a", offset: 12)),
        (#"[[{"a":1,"a":2}]]"#, .duplicateKey(name: "a", offset: 9)),
        (#"{"a":{"a":1},"a":2}"#, .duplicateKey(name: "a", offset: 13)),
        (#"{"é":1,"\u00e9":2}"#, .duplicateKey(name: "é", offset: 8)),
        (#"{"a":{"b":{"c":1}},"b":{"b":1},"a":2}"#, .duplicateKey(name: "a", offset: 31)),
        (#"{"😀":1,"\ud83d\ude00":2}"#, .duplicateKey(name: "😀", offset: 10)),
        (#"{"request_identifier":1,"request_identifier":2}"#, .duplicateKey(name: "request_identifier", offset: 24)),
    ]
}
