import Glibc

/// Collects the lines of a head or of chunk framing out of input that may stop at any byte.
///
/// ```
/// bytes   GET / HTTP/1.1␍␊Host: a␍␊Acce
///                                  ╵lineStart   the line not yet complete
/// ```
/// Each byte of input is searched for the line feed once and copied once; whoever reads lines parses them in place. Lines
/// stay until `removeLines` or `take`, so that the fields of a head can be offsets into one array.
struct HTTPLineBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    private var lineStart = 0

    /// True when no byte of an incomplete line is held.
    var isAtLineStart: Bool { bytes.count == lineStart }

    /// The next complete line, without its CRLF, as a range of `bytes`; nil once all of `input` is consumed.
    ///
    /// A line longer than `limit` throws `tooLong` as soon as its excess byte is seen, however the input is cut.
    mutating func nextLine(
        of input: UnsafeRawBufferPointer, at consumed: inout Int, limit: Int, tooLong: HTTPFault
    ) throws(HTTPFault) -> Range<Int>? {
        let room = limit + 2 - (bytes.count - lineStart)
        let window = UnsafeRawBufferPointer(rebasing: input[consumed..<min(input.count, consumed + room)])
        let lineFeed = Self.firstLineFeed(in: window)
        if lineFeed == nil, window.count == room { throw tooLong }
        let taken = lineFeed.map { $0 + 1 } ?? window.count
        if bytes.isEmpty { bytes.reserveCapacity(min(1024, input.count - consumed)) }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: window[..<taken]))
        consumed += taken
        return lineFeed == nil ? nil : try finishLine()
    }

    /// Forgets the lines read so far, and gives back the memory of an unusually large one.
    mutating func removeLines() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 2048)
        lineStart = 0
    }

    /// Hands over all bytes read and starts anew.
    mutating func take() -> [UInt8] {
        defer {
            bytes = []
            lineStart = 0
        }
        return bytes
    }

    private mutating func finishLine() throws(HTTPFault) -> Range<Int> {
        let end = bytes.count - 2
        guard end >= lineStart, bytes[end] == 0x0d else { throw .bareLineFeed }
        defer { lineStart = bytes.count }
        return lineStart..<end
    }

    private static func firstLineFeed(in window: UnsafeRawBufferPointer) -> Int? {
        guard let base = window.baseAddress, let found = memchr(base, 0x0a, window.count) else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
