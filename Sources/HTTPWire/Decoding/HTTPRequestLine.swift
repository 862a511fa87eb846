/// The first line of a request (RFC 9112, section 3).
/// ```
/// GET /rooms/a?x=1 HTTP/1.1
/// └─┘ └──────────┘ └──────┘   one space between, none around
/// ```
struct HTTPRequestLine: Sendable {
    let method: HTTPMethod
    let target: HTTPTarget
    let version: HTTPVersion

    init(method: HTTPMethod, target: HTTPTarget, version: HTTPVersion) {
        self.method = method
        self.target = target
        self.version = version
    }

    /// Reads the line `range`, which has no CRLF. The version is judged before the target, so that another protocol is
    /// refused as such.
    init(parsing bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        var at = range.lowerBound
        while at < range.upperBound, ByteClass.isToken(bytes[at]) { at += 1 }
        try Self.refuseControls(bytes[at..<range.upperBound])
        guard at > range.lowerBound, at < range.upperBound, bytes[at] == 0x20 else { throw .malformedRequestLine }
        let method = range.lowerBound..<at
        let targetEnd = bytes[at + 1..<range.upperBound].firstIndex(of: 0x20) ?? range.upperBound
        let target = at + 1..<targetEnd
        guard !target.isEmpty, targetEnd < range.upperBound else { throw .malformedRequestLine }
        let word = targetEnd + 1..<range.upperBound
        version = try HTTPVersion(parsing: bytes, word, malformed: .malformedRequestLine)
        self.method = HTTPMethod(token: String(decoding: bytes[method], as: UTF8.self))
        self.target = try HTTPTarget(parsing: bytes, target, method: self.method)
    }

    private static func refuseControls(_ bytes: ArraySlice<UInt8>) throws(HTTPFault) {
        for byte in bytes where ByteClass.isControl(byte) {
            throw byte == 0x0d ? .bareCarriageReturn : .controlByte
        }
    }
}
