import Testing

@testable import HTTPWire

@Suite struct DateTests {
    private static let known: [(Int, String)] = [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ]

    @Test func knownTimesAreWrittenAndRead() {
        for (seconds, text) in Self.known {
            #expect(HTTPDate.text(secondsSinceEpoch: seconds) == text)
            #expect(HTTPDate.secondsSinceEpoch(text) == seconds)
        }
    }

    @Test func everyKindOfDayReadsBack() {
        for day in stride(from: -719_162, to: 2_932_896, by: 997) {
            let seconds = day * 86400 + (day & 0xffff)
            #expect(HTTPDate.secondsSinceEpoch(HTTPDate.text(secondsSinceEpoch: seconds)) == seconds)
        }
    }

    @Test func timesOutOfRangeReadAsTheNearest() {
        #expect(HTTPDate.text(secondsSinceEpoch: .min) == "Mon, 01 Jan 0001 00:00:00 GMT")
        #expect(HTTPDate.text(secondsSinceEpoch: .max) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test(arguments: [
        "", "Sun, 06 Nov 1994 08:49:37 UTC", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Thu, 29 Feb 2100 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sat, 00 Jan 0000 00:00:00 GMT",
    ])
    func whatIsNoDateIsNotRead(text: String) {
        #expect(HTTPDate.secondsSinceEpoch(text) == nil)
    }
}
