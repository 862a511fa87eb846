/// A moment in UTC, to the microsecond. On the wire: ISO 8601 with `Z`, `2025-11-11T12:00:00.123456Z`
/// (the fraction is left out when it is zero).
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// The nearest moment that can be told, for seconds beyond all calendars.
    package init(seconds: Int64) { microseconds = seconds.multipliedClamped(by: 1_000_000) }

    package var seconds: Int64 { Self.floorDivide(microseconds, 1_000_000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    package func advanced(bySeconds seconds: Int64) -> Timestamp {
        let (moved, overflow) = microseconds.addingReportingOverflow(seconds.multipliedClamped(by: 1_000_000))
        return Timestamp(microseconds: overflow ? (seconds < 0 ? .min : .max) : moved)
    }

    package var description: String {
        let remainder = microseconds % 1_000_000
        let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
        let day = Self.floorDivide(seconds, 86_400)
        let (year, month, dayOfMonth) = Self.civil(fromDay: day)
        let secondOfDay = seconds - day * 86_400
        // Moments of a record all lie in the years of four digits; they are told often, so they are written as bytes.
        guard (0...9999).contains(year) else {
            let date = "\(Self.padded(year, to: 4))-\(Self.padded(month, to: 2))-\(Self.padded(dayOfMonth, to: 2))"
            let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { Self.padded($0, to: 2) }
            return "\(date)T\(clock.joined(separator: ":"))\(fraction == 0 ? "" : ".\(Self.padded(fraction, to: 6))")Z"
        }
        return String(unsafeUninitializedCapacity: 27) { target in
            var writer = DigitWriter(target)
            writer.put(year, width: 4, then: "-")
            writer.put(month, width: 2, then: "-")
            writer.put(dayOfMonth, width: 2, then: "T")
            writer.put(secondOfDay / 3600, width: 2, then: ":")
            writer.put(secondOfDay / 60 % 60, width: 2, then: ":")
            writer.put(secondOfDay % 60, width: 2, then: fraction == 0 ? "Z" : ".")
            if fraction != 0 { writer.put(fraction, width: 6, then: "Z") }
            return writer.count
        }
    }
}

/// Writes fixed-width fields of a date one after the other.
private struct DigitWriter {
    private let target: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ target: UnsafeMutableBufferPointer<UInt8>) { self.target = target }

    mutating func put(_ number: Int64, width: Int, then separator: Unicode.Scalar) {
        var rest = number
        for place in (count..<count + width).reversed() {
            target[place] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        target[count + width] = UInt8(ascii: separator)
        count += width + 1
    }
}

extension Int64 {
    fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? (self < 0 ? .min : .max) : product
    }
}

// MARK: - Calendar

extension Timestamp {
    fileprivate static func padded(_ number: Int64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    fileprivate static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    /// Days since 1970-01-01 to a proleptic Gregorian date, by counting 400-year eras from 1 March of year 0.
    fileprivate static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    fileprivate static func day(fromYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = floorDivide(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; digits beyond the microsecond are cut off.
    package init?(_ text: String) {
        var text = text
        guard let moment = text.withUTF8({ Self.read($0) }) else { return nil }
        self = moment
    }

    private static func read(_ text: UnsafeBufferPointer<UInt8>) -> Timestamp? {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"),
            let second = reader.number(2), let fraction = reader.fraction(), let offset = reader.zone(), reader.atEnd
        else { return nil }
        guard (1...12).contains(month), hour < 24, minute < 60, second < 60 else { return nil }
        let dayNumber = Self.day(fromYear: year, month: month, day: day)
        guard Self.civil(fromDay: dayNumber) == (year, month, day) else { return nil }
        let seconds = dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset
        // An offset may lead out of the four-digit years, which could be written but not read again.
        guard (0...9999).contains(Self.civil(fromDay: Self.floorDivide(seconds, 86_400)).year) else { return nil }
        return Timestamp(microseconds: seconds * 1_000_000 + fraction)
    }
}

/// Walks the fixed-width fields of a date.
private struct DigitReader {
    private var rest: UnsafeBufferPointer<UInt8>.SubSequence

    init(_ text: UnsafeBufferPointer<UInt8>) { rest = text[...] }

    var atEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard let first = rest.first, first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int64? {
        guard rest.count >= width, rest.prefix(width).allSatisfy(\.isDigit) else { return nil }
        let number = rest.prefix(width).reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        rest.removeFirst(width)
        return number
    }

    /// Microseconds; 0 when there is no fraction, nil when the dot stands alone.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        let digits = rest.prefix { $0.isDigit }
        guard (1...9).contains(digits.count) else { return nil }
        let kept = digits.prefix(6)
        let value = kept.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
        let scale = (kept.count..<6).reduce(Int64(1)) { product, _ in product * 10 }
        rest.removeFirst(digits.count)
        return value * scale
    }

    /// Seconds east of UTC.
    mutating func zone() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
