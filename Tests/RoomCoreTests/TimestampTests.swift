import RoomCore
import Testing

@Suite struct TimestampTests {
    @Test func knownMoments() {
        #expect(Timestamp(seconds: 0).description == "1970-01-01T00:00:00Z")
        #expect(Timestamp(seconds: 951_827_696).description == "2000-02-29T12:34:56Z")
        #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
        #expect(Timestamp("2025-11-11T12:00:00Z")?.seconds == 1_762_862_400)
    }

    @Test func everyMomentReadsBackAsItself() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let moment = Timestamp(
                microseconds: Int64.random(in: -2_208_988_800_000_000...7_258_118_400_000_000, using: &generator))
            #expect(Timestamp(moment.description) == moment)
        }
    }

    @Test func offsetsAndFractions() {
        #expect(Timestamp("2025-11-11T13:30:00+01:30") == Timestamp("2025-11-11T12:00:00Z"))
        #expect(Timestamp("2025-11-11T10:00:00-02:00") == Timestamp("2025-11-11T12:00:00Z"))
        #expect(Timestamp("2025-11-11T12:00:00.5Z")?.microseconds == 1_762_862_400_500_000)
        #expect(Timestamp("2025-11-11T12:00:00.123456789Z")?.microseconds == 1_762_862_400_123_456)
    }

    @Test(arguments: [
        "", "2025", "2025-11-11", "2025-11-11T12:00:00", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
        "2025-00-01T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00Zx", "2025-01-01T00:00:00+25:00", "+2025-01-01T00:00:00Z",
    ])
    func noMoments(_ text: String) { #expect(Timestamp(text) == nil) }
}
