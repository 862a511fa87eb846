/// The first line of a response (RFC 9112, section 4).
/// ```
/// HTTP/1.1 200 OK      the reason may be missing, and its space with it
/// └──────┘ └─┘ └┘
/// ```
struct HTTPStatusLine: Sendable {
    let version: HTTPVersion
    let status: HTTPStatus

    /// Reads the line `range`, which has no CRLF.
    init(parsing bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        let start = range.lowerBound
        guard range.count >= 12, bytes[start + 8] == 0x20 else { throw .malformedStatusLine }
        version = try HTTPVersion(parsing: bytes, start..<start + 8, malformed: .malformedStatusLine)
        let digits = bytes[start + 9..<start + 12]
        let code = digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
        guard digits.allSatisfy({ ByteClass.isDigit($0) }), let status = HTTPStatus(code: code) else {
            throw .malformedStatusLine
        }
        self.status = status
        let rest = bytes[start + 12..<range.upperBound]
        guard rest.first ?? 0x20 == 0x20 else { throw .malformedStatusLine }
        for byte in rest where !ByteClass.isFieldValue(byte) {
            throw byte == 0x0d ? .bareCarriageReturn : .controlByte
        }
    }
}
