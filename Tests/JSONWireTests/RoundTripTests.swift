import JSONWire
import Testing

@Suite struct RoundTripTests {
    @Test func writtenValuesReadBackEqual() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<400 {
            let value = randomValue(depth: 5, using: &random)
            let text = value.encoded()
            let read = try JSONValue.parse(text, maxDepth: 6)
            #expect(read == value)
            #expect(read.hashValue == value.hashValue)
            #expect(read.encoded() == text)
        }
    }

    private func randomValue(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return nil
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<64, using: &random))
        case 3: return .number(randomDouble(using: &random))
        case 4, 5: return .string(randomString(using: &random))
        case 6:
            let count = Int.random(in: 0..<5, using: &random)
            return .array((0..<count).map { _ in randomValue(depth: depth - 1, using: &random) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<(depth == 5 ? 40 : 6), using: &random) {
                object[randomString(using: &random)] = randomValue(depth: depth - 1, using: &random)
            }
            return .object(object)
        }
    }

    private func randomDouble(using random: inout SeededGenerator) -> Double {
        let value = Double(bitPattern: random.next())
        return value.isFinite ? value : 0.25
    }

    private func randomString(using random: inout SeededGenerator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<24, using: &random) {
            let bound: UInt32 = [0x20, 0x80, 0x80, 0x80, 0x800, 0x110000].randomElement(using: &random) ?? 0x80
            text.append(Unicode.Scalar(UInt32.random(in: 0..<bound, using: &random)) ?? "\u{FFFD}")
        }
        return String(text)
    }
}
