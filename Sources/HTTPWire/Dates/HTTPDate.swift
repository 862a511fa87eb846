/// Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110, section 5.6.7).
///
/// Whole seconds since 1970 in, text out and back; no clock, no locale, no calendar but the Gregorian one.
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsPerDay = 86400
    /// From the first second of year 1 to the last of year 9999: all that four digits can say.
    private static let range = -62_135_596_800...253_402_300_799

    /// The text of a time; one outside the years 1 to 9999 reads as the nearest within.
    package static func text(secondsSinceEpoch: Int) -> String {
        let time = min(max(secondsSinceEpoch, range.lowerBound), range.upperBound)
        let second = modulo(time, secondsPerDay)
        let day = (time - second) / secondsPerDay
        let (year, month, dayOfMonth) = civil(day)
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(contentsOf: days[modulo(day, 7)].utf8)
        text.append(contentsOf: ", ".utf8)
        append(dayOfMonth, digits: 2, " ", to: &text)
        text.append(contentsOf: months[month - 1].utf8)
        text.append(contentsOf: " ".utf8)
        append(year, digits: 4, " ", to: &text)
        append(second / 3600, digits: 2, ":", to: &text)
        append(second / 60 % 60, digits: 2, ":", to: &text)
        append(second % 60, digits: 2, " GMT", to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The time a text says, or nil when it is not exactly an IMF-fixdate of a day that exists.
    ///
    /// The two obsolete forms are not read: no client of this century sends them, and a condition that is not understood
    /// only means an answer in full.
    package static func secondsSinceEpoch(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29, hasMarks(bytes),
            let dayOfMonth = number(bytes[5..<7]), let year = number(bytes[12..<16]),
            let month = months.firstIndex(where: { $0.utf8.elementsEqual(bytes[8..<11]) }).map({ $0 + 1 }),
            let hour = number(bytes[17..<19]), let minute = number(bytes[20..<22]), let second = number(bytes[23..<25]),
            year >= 1, dayOfMonth >= 1, hour < 24, minute < 60, second <= 60
        else { return nil }
        let day = dayNumber(year, month, dayOfMonth)
        guard civil(day) == (year, month, dayOfMonth), days[modulo(day, 7)].utf8.elementsEqual(bytes[0..<3]) else {
            return nil
        }
        return day * secondsPerDay + hour * 3600 + minute * 60 + second
    }

    /// True when everything between the numbers and names is as it must be.
    private static func hasMarks(_ bytes: [UInt8]) -> Bool {
        let form = Array("???, ?? ??? ???? ??:??:?? GMT".utf8)
        return zip(bytes, form).allSatisfy { byte, mark in mark == UInt8(ascii: "?") || byte == mark }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy({ ByteClass.isDigit($0) }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func append(_ number: Int, digits: Int, _ mark: String, to text: inout [UInt8]) {
        var scale = digits == 4 ? 1000 : 10
        while scale > 0 {
            text.append(0x30 + UInt8(number / scale % 10))
            scale /= 10
        }
        text.append(contentsOf: mark.utf8)
    }

    private static func modulo(_ number: Int, _ divisor: Int) -> Int {
        let rest = number % divisor
        return rest < 0 ? rest + divisor : rest
    }

    /// The days from 1 January 1970 to a date of the years 1 and later.
    ///
    /// Years are counted from March, so that the leap day is the last of its year and months have a regular length.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = (month + 9) % 12
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    }

    /// The date of a day counted from 1 January 1970; the inverse of `dayNumber`.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let fromMarchZero = day + 719_468
        let era = fromMarchZero / 146_097
        let dayOfEra = fromMarchZero % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfMonth)
    }
}
