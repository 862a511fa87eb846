import RoomCore
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2025-11-11T12:00:00Z", 1_762_862_400), ("1969-12-31T23:59:59Z", -1),
        ("2000-02-29T00:00:00Z", 951_782_400), ("1900-03-01T00:00:00Z", -2_203_891_200),
        ("0000-01-01T00:00:00Z", -62_167_219_200), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func momentsAreSecondsSince1970(_ text: String, _ seconds: Int64) {
        #expect(Timestamp(text)?.seconds == seconds)
        #expect(Timestamp(seconds: seconds).description == text)
    }

    @Test func everyDayOverLeapYearsReadsBack() {
        for day in stride(from: Int64(-719_528), through: 2_932_896, by: 97) {
            let moment = Timestamp(microseconds: day * 86_400_000_000 + 86_399_999_999)
            #expect(Timestamp(moment.description) == moment)
        }
    }

    @Test func fractionsBefore1970CountForward() {
        let moment = Timestamp(microseconds: -1)
        #expect(moment.description == "1969-12-31T23:59:59.999999Z")
        #expect(moment.seconds == -1)
        #expect(Timestamp(moment.description) == moment)
    }

    @Test func fractionsAreCutToMicroseconds() {
        #expect(Timestamp("1970-01-01T00:00:00.5Z")?.microseconds == 500_000)
        #expect(Timestamp("1970-01-01T00:00:00.123456789Z")?.microseconds == 123_456)
        #expect(Timestamp(microseconds: 1).description == "1970-01-01T00:00:00.000001Z")
    }

    @Test(arguments: [
        ("2025-01-01T00:30:00+01:00", "2024-12-31T23:30:00Z"), ("2025-01-01T00:00:00-05:30", "2025-01-01T05:30:00Z"),
        ("2025-01-01t00:00:00z", "2025-01-01T00:00:00Z"), ("2025-01-01 00:00:00Z", "2025-01-01T00:00:00Z"),
    ])
    func offsetsBecomeUTC(_ given: String, _ expected: String) {
        #expect(Timestamp(given)?.description == expected)
    }

    @Test(arguments: [
        "", "2025", "2025-01-01", "2025-01-01T00:00:00", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z",
        "2025-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2025-04-31T00:00:00Z", "2025-01-00T00:00:00Z",
        "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:60Z", "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00.1234567890Z", "2025-01-01T00:00:00+0100", "2025-01-01T00:00:00+24:00",
        "2025-01-01T00:00:00Z ", "+025-01-01T00:00:00Z", "2025-1-01T00:00:00Z", "２025-01-01T00:00:00Z",
    ])
    func otherTextsAreRefused(_ text: String) { #expect(Timestamp(text) == nil) }

    @Test(arguments: ["9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01"])
    func offsetsThatLeaveFourDigitYearsAreRefused(_ text: String) { #expect(Timestamp(text) == nil) }

    @Test func advancingStopsAtTheEnds() {
        #expect(Timestamp(seconds: 5).advanced(bySeconds: -6).seconds == -1)
        #expect(Timestamp(seconds: 5).advanced(bySeconds: .max).microseconds == .max)
        let first = Timestamp(seconds: -5).advanced(bySeconds: .min)
        #expect(first.microseconds == .min)
        #expect(first.description.hasSuffix("Z"))
    }
}
