import JSONWire
import Testing

@Suite struct ValueTests {
    @Test func wholeNumbersStayIntegersAndOthersBecomeDoubles() throws {
        let value = try JSONValue.parse("[1,1.0,9223372036854775807,9223372036854775808,-0]", maxDepth: 1)
        let cases = try #require(value.arrayValue).map { if case .integer = $0 { "integer" } else { "number" } }
        #expect(cases == ["integer", "number", "integer", "number", "number"])
        #expect(value.arrayValue?.last?.doubleValue?.sign == .minus)
    }

    @Test func numbersOfEqualValueAreEqualAndHashAlike() {
        #expect(JSONValue.integer(2) == .number(2))
        #expect(JSONValue.integer(2).hashValue == JSONValue.number(2).hashValue)
        #expect(JSONValue.integer(0) == .number(-0.0))
        #expect(JSONValue.integer(0).hashValue == JSONValue.number(-0.0).hashValue)
        #expect(JSONValue.integer(9_007_199_254_740_993) != .number(9_007_199_254_740_992))
        #expect(JSONValue.integer(.max) != .number(0x1p63))
        #expect(JSONValue.number(-0x1p63) == .integer(.min))
        #expect(JSONValue.number(0x1p53).intValue == nil)
        #expect(JSONValue.number(-0x1p52).intValue == -0x10_0000_0000_0000)
        #expect(JSONValue.number(.infinity).intValue == nil)
        #expect(JSONValue.number(.nan).intValue == nil)
    }

    @Test func accessorsAnswerOnlyTheirOwnKind() {
        let values: [JSONValue] = [nil, true, 1, 1.5, "s", [1], ["k": 1]]
        #expect(values.map(\.isNull) == [true, false, false, false, false, false, false])
        #expect(values.map(\.boolValue) == [nil, true, nil, nil, nil, nil, nil])
        #expect(values.map(\.intValue) == [nil, nil, 1, nil, nil, nil, nil])
        #expect(values.map(\.doubleValue) == [nil, nil, 1, 1.5, nil, nil, nil])
        #expect(values.map(\.stringValue) == [nil, nil, nil, nil, "s", nil, nil])
        #expect(values.map { $0.arrayValue != nil } == [false, false, false, false, false, true, false])
        #expect(values.map { $0.objectValue != nil } == [false, false, false, false, false, false, true])
        #expect(Set(values).count == 7)
    }

    @Test func parsedTextEqualsItsLiteral() throws {
        let text = #"{"a":[1,2.5,"x",true,null],"b":{"c":{}}}"#
        let expected: JSONValue = ["b": ["c": [:]], "a": [1, 2.5, "x", true, nil]]
        #expect(try JSONValue.parse(text, maxDepth: 3) == expected)
        #expect(try JSONValue.parse(Array(text)[...], maxDepth: 3).hashValue == expected.hashValue)
    }
}

@Suite struct ObjectTests {
    @Test func membersKeepTheirOrder() {
        var object: JSONObject = ["z": 1, "a": 2]
        object["m"] = 3
        object["z"] = 4
        #expect(object.keys == ["z", "a", "m"])
        #expect(object.map(\.value) == [4, 2, 3])
    }

    @Test func nilRemovesAMember() {
        var object: JSONObject = ["a": 1, "b": nil]
        object["a"] = nil
        object["absent"] = nil
        #expect(object.keys == ["b"])
        #expect(object["b"] == JSONValue.null)
        #expect(object["a"] == nil)
    }

    @Test func orderIsNoPartOfEquality() {
        let left: JSONObject = ["a": 1, "b": 2]
        let right: JSONObject = ["b": 2, "a": 1]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != ["a": 1, "b": 3])
        #expect(left != ["a": 1])
        #expect(left != ["a": 1, "c": 2])
    }

    @Test func lookUpsHoldWhileGrowingAndShrinkingPastTheIndex() {
        var object = JSONObject()
        for number in 0..<40 { object["k\(number)"] = .integer(number) }
        for number in 0..<40 where number % 3 != 0 { object["k\(number)"] = nil }
        object["k0"] = "again"
        #expect(object.count == 14)
        for number in 1..<40 {
            #expect(object["k\(number)"] == (number % 3 == 0 ? .integer(number) : nil))
        }
        #expect(object["k0"] == "again")
        #expect(object.keys.first == "k0")
    }

    @Test func hundredThousandMembersAreBuiltByAssignment() {
        var object = JSONObject()
        for number in 0..<100_000 { object["member\(number)"] = .integer(number) }
        #expect(object.count == 100_000)
        #expect(object["member12345"] == 12_345)
    }
}
