import Testing

@testable import HTTPWire

@Suite struct FieldsTests {
    @Test func namesMatchWhateverTheirCase() {
        let fields: HTTPFields = ["Set-Cookie": "a", "X": "y", "set-cookie": "b"]
        #expect(fields.first("SET-COOKIE") == "a")
        #expect(fields.all("Set-cookie") == ["a", "b"])
        #expect(fields.contains("x"))
        #expect(!fields.contains("Set_Cookie"))
        #expect(fields.first("y") == nil)
        #expect(fields.map(\.name) == ["Set-Cookie", "X", "set-cookie"])
    }

    @Test(arguments: ["", "a b", "a:", "a\r\n", "é", "a\0", "(a)"])
    func aNameThatIsNoTokenIsRefused(name: String) {
        var fields = HTTPFields()
        let accepted = fields.append(name, "x")
        #expect(!accepted)
        #expect(fields.isEmpty)
    }

    @Test(arguments: ["a\r\nX: y", "a\nb", "a\rb", "a\0b", "\u{1b}[0m", "a\u{7f}"])
    func aValueThatCouldEndItsLineIsRefused(value: String) {
        var fields: HTTPFields = ["X": "old"]
        let appended = fields.append("X", value)
        #expect(!appended)
        let replaced = fields.set("X", value)
        #expect(!replaced)
        #expect(fields == ["X": "old"])
    }

    @Test func aLiteralLeavesOutWhatIsNotValid() {
        let fields: HTTPFields = ["A": "1", "B": "x\r\ny", "C D": "2", "E": "3"]
        #expect(fields == ["A": "1", "E": "3"])
    }

    @Test func aSetThatGrowsWithoutEndIsRefused() {
        var fields = HTTPFields()
        let value = String(repeating: "a", count: HTTPFields.maxBytes - 1)
        let tooLarge = fields.append("XX", value)
        #expect(!tooLarge)
        let fitting = fields.append("X", value)
        #expect(fitting)
        let oneMore = fields.append("Y", "")
        #expect(!oneMore)
        fields.remove("x")
        let afterRemoval = fields.append("Y", value)
        #expect(afterRemoval)
    }

    @Test func valuesKeepTabsAndBytesAboveASCIIAndLoseOuterBlanks() {
        var fields = HTTPFields()
        let accepted = fields.append("X", " \ta\tb é \t")
        #expect(accepted)
        #expect(fields.first("X") == "a\tb é")
    }

    @Test func setReplacesAllOfAName() {
        var fields: HTTPFields = ["A": "1", "B": "2", "a": "3"]
        let replaced = fields.set("a", "4")
        #expect(replaced)
        #expect(fields == ["B": "2", "A": "4"])
        fields.remove("b")
        #expect(fields == ["a": "4"])
        #expect(fields.count == 1)
    }

    @Test func equalityMindsOrderAndValues() {
        let fields: HTTPFields = ["A": "1", "B": "2"]
        #expect(fields == ["a": "1", "b": "2"])
        #expect(fields != ["B": "2", "A": "1"])
        #expect(fields != ["A": "1"])
        #expect(fields != ["A": "1", "B": "b"])
    }

    @Test func listsAreReadOverAllLines() {
        let fields: HTTPFields = ["Via": "a, ,b ,", "via": "\tc", "Other": "d", "VIA": "\"x, \\\"y\", z"]
        #expect(fields.tokens("via") == ["a", "b", "c", "\"x, \\\"y\"", "z"])
        #expect(fields.tokens("none") == [])
        #expect(fields.contains(token: "B", in: "Via"))
        #expect(!fields.contains(token: "d", in: "Via"))
        #expect(!fields.contains(token: "", in: "Via"))
    }

    @Test func tokenBytesAreThoseOfTheGrammar() {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        let expected = Set((letters + "!#$%&'*+-.^_`|~").utf8)
        #expect(Set((0...255).map(UInt8.init).filter { ByteClass.isToken($0) }) == expected)
    }
}
