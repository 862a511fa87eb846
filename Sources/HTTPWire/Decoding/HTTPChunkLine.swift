/// The line in front of a chunk (RFC 9112, section 7.1).
/// ```
/// 1a;name=token;other="quoted \" text"
/// └┘└────────extensions──────────────┘
/// ```
struct HTTPChunkLine {
    /// The bytes of data that follow; zero ends the body.
    let size: Int
    let extensionBytes: Int

    /// Fifteen digits are sixty bits: more than any body, and no sum with it overflows.
    private static let maxDigits = 15

    /// Reads the line `range`, which has no CRLF. Extensions are checked against their grammar and dropped: a lenient walk
    /// over them is how the end of a chunk line came to be disputed.
    init(parsing bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        var size = 0
        var at = range.lowerBound
        while at < range.upperBound, let digit = ByteClass.hexValue(bytes[at]) {
            guard at - range.lowerBound < Self.maxDigits else { throw .chunkSizeOverflow }
            size = size << 4 | Int(digit)
            at += 1
        }
        guard at > range.lowerBound else { throw .malformedChunkSize }
        self.size = size
        extensionBytes = range.upperBound - at
        if extensionBytes > 0 { try Self.checkExtensions(bytes, at..<range.upperBound) }
    }

    private static func checkExtensions(_ bytes: [UInt8], _ range: Range<Int>) throws(HTTPFault) {
        if let byte = bytes[range].first, byte != UInt8(ascii: ";"), !ByteClass.isBlank(byte) {
            throw .malformedChunkSize
        }
        var walk = HTTPChunkExtensionWalk(bytes, range)
        while !walk.isAtEnd {
            guard walk.skip(UInt8(ascii: ";")), walk.skipToken() else { throw .malformedChunkExtension }
            guard walk.skip(UInt8(ascii: "=")) else { continue }
            guard walk.skipToken() || walk.skipQuoted() else { throw .malformedChunkExtension }
        }
    }
}

/// A cursor over chunk extensions; each step is taken whole or not at all.
private struct HTTPChunkExtensionWalk {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes[range]
        at = range.lowerBound
    }

    var isAtEnd: Bool { at == bytes.endIndex }

    /// Skips `mark` with the blanks around it, which a recipient has to let pass (RFC 9112, section 7.1.1).
    mutating func skip(_ mark: UInt8) -> Bool {
        let start = bytes[at...].firstIndex { !ByteClass.isBlank($0) } ?? bytes.endIndex
        guard start < bytes.endIndex, bytes[start] == mark else { return false }
        at = bytes[(start + 1)...].firstIndex { !ByteClass.isBlank($0) } ?? bytes.endIndex
        return true
    }

    mutating func skipToken() -> Bool {
        let end = bytes[at...].firstIndex { !ByteClass.isToken($0) } ?? bytes.endIndex
        defer { at = end }
        return end > at
    }

    mutating func skipQuoted() -> Bool {
        guard at < bytes.endIndex, bytes[at] == UInt8(ascii: "\"") else { return false }
        var next = at + 1
        while next < bytes.endIndex, ByteClass.isFieldValue(bytes[next]) {
            if bytes[next] == UInt8(ascii: "\"") {
                at = next + 1
                return true
            }
            // An escaped byte is judged like any other, but cannot close the string.
            if bytes[next] == UInt8(ascii: "\\") {
                next += 1
                guard next < bytes.endIndex, ByteClass.isFieldValue(bytes[next]) else { return false }
            }
            next += 1
        }
        return false
    }
}
