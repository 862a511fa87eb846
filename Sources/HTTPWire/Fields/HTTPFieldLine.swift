/// One field line of a head or of trailers (RFC 9112, section 5).
/// ```
/// Name: value        name, colon, blanks, value, blanks
/// └──┘  └───┘
/// ```
struct HTTPFieldLine {
    let name: Range<Int>
    let value: Range<Int>

    /// Reads the line `range`, which is not empty and has no CRLF.
    ///
    /// Refused are: a blank in front (line folding, RFC 9112 section 5.2), a name that is empty or not a token (a blank
    /// before the colon is none, section 5.1), and control bytes but HTAB in the value.
    init(parsing bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        let line = bytes.span
        var at = range.lowerBound
        if ByteClass.isBlank(line[at]) { throw .foldedField }
        while at < range.upperBound, ByteClass.isToken(line[at]) { at += 1 }
        guard at < range.upperBound, at > range.lowerBound, line[at] == UInt8(ascii: ":") else {
            throw Self.faultOfName(bytes, at..<range.upperBound)
        }
        name = range.lowerBound..<at
        at += 1
        let valueStart = at
        while at < range.upperBound {
            guard ByteClass.isFieldValue(line[at]) else {
                throw line[at] == 0x0d ? .bareCarriageReturn : .controlByte
            }
            at += 1
        }
        value = ByteClass.trimmed(bytes, valueStart..<at)
    }

    private static func faultOfName(_ bytes: [UInt8], _ rest: Range<Int>) -> HTTPFault {
        guard let byte = bytes[rest].first, byte != 0x09 else { return .malformedFieldName }
        if byte == 0x0d { return .bareCarriageReturn }
        return ByteClass.isControl(byte) ? .controlByte : .malformedFieldName
    }
}
