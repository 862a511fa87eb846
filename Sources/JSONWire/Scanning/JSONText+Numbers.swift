/// Numbers, RFC 8259 section 6: found, checked, and read.
extension JSONText {
    /// The number whose first byte, a digit or a minus, is at `start`.
    ///
    ///     -12.50e+3
    ///     sign, whole part without leading zero, optional fraction, optional exponent
    func number(at start: Int) throws(JSONFault) -> JSONSpan {
        let whole = byte(start) == 0x2D ? start &+ 1 : start
        var end = digitsEnd(whole)
        let leadingZero = end &- whole > 1 && byte(whole) == 0x30
        guard end > whole, !leadingZero else { throw .invalidNumber(offset: start) }
        var magnitude = end &- whole
        if byteOrZero(end) == 0x2E {
            let fraction = end &+ 1
            end = digitsEnd(fraction)
            guard end > fraction else { throw .invalidNumber(offset: start) }
        }
        if byteOrZero(end) | 0x20 == 0x65 {
            guard let exponent = exponent(at: end) else { throw .invalidNumber(offset: start) }
            magnitude &+= exponent.value
            end = exponent.end
        }
        let span = JSONSpan(.number, from: start, to: end)
        // Below 10^308 nothing can overflow; the few numbers that might are read to know.
        guard magnitude <= 308 || double(span.range) != nil else { throw .invalidNumber(offset: start) }
        return span
    }

    @inline(__always)
    private func digitsEnd(_ offset: Int) -> Int {
        var next = offset
        while next < count, byte(next) &- 0x30 < 10 { next &+= 1 }
        return next
    }

    /// The exponent whose `e` is at `offset`; its value stops growing once no double could hold it.
    private func exponent(at offset: Int) -> (value: Int, end: Int)? {
        let sign = byteOrZero(offset &+ 1)
        let start = sign == 0x2B || sign == 0x2D ? offset &+ 2 : offset &+ 1
        let end = digitsEnd(start)
        guard end > start else { return nil }
        var value = 0
        for digit in start..<end where value < 1 << 40 { value = value &* 10 &+ Int(byte(digit) &- 0x30) }
        return (sign == 0x2D ? -value : value, end)
    }
}

extension JSONText {
    /// The number as an `Int` when written as a whole number that fits: no fraction, no exponent.
    func wholeInteger(_ range: Range<Int>) -> Int? {
        let negative = byte(range.lowerBound) == 0x2D
        let start = negative ? range.lowerBound &+ 1 : range.lowerBound
        var value = 0
        for offset in start..<range.upperBound {
            let digit = byte(offset) &- 0x30
            guard digit < 10 else { return nil }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counted downwards, because Int.min has no positive twin.
            let (next, borrow) = tenfold.subtractingReportingOverflow(Int(digit))
            guard !overflow, !borrow else { return nil }
            value = next
        }
        guard !negative else { return value }
        return value == .min ? nil : -value
    }

    /// The double nearest to a checked number, nil when it would be infinite.
    func double(_ range: Range<Int>) -> Double? {
        if let short = shortDouble(range) { return short }
        guard let value = Double(String(decoding: bytes(range), as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// Exact without any library: up to 2^53 and a power of ten up to 22 are doubles, and one operation rounds once.
    private func shortDouble(_ range: Range<Int>) -> Double? {
        guard range.count <= 32 else { return nil }
        let negative = byte(range.lowerBound) == 0x2D
        var digits: UInt64 = 0
        var power = 0
        var fraction = false
        var next = negative ? range.lowerBound &+ 1 : range.lowerBound
        while next < range.upperBound {
            let letter = byte(next)
            if letter == 0x2E {
                fraction = true
            } else if letter | 0x20 == 0x65 {
                power &+= exponent(at: next)?.value ?? 0
                break
            } else {
                digits = digits &* 10 &+ UInt64(letter &- 0x30)
                guard digits <= 1 << 53 else { return nil }
                if fraction { power &-= 1 }
            }
            next &+= 1
        }
        guard let scale = Self.powerOfTen(power.magnitude) else { return nil }
        let value = power < 0 ? Double(digits) / scale : Double(digits) * scale
        return negative ? -value : value
    }

    private static func powerOfTen(_ power: UInt) -> Double? {
        guard power <= 22 else { return nil }
        var scale = 1.0
        for _ in 0..<power { scale *= 10 }
        return scale
    }
}
