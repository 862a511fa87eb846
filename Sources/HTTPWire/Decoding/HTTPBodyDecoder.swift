/// What a body decoder found next.
enum HTTPBodyPart: Equatable {
    /// Bytes of the body, as offsets into the input of this call.
    case bytes(Range<Int>)
    case end
}

/// Takes the framing off one body (RFC 9112, sections 6 and 7).
/// ```
/// 5;name=value␍␊hello␍␊0␍␊Trailer: dropped␍␊␍␊
/// └chunkLine──┘└data┘└┘└─┘└───trailers──────┘
///                     separator
/// ```
/// Trailers are checked like the fields of a head, counted, and dropped: no part of this system reads any, and merged into
/// the head they could change what was already decided upon (RFC 9110, section 6.5.1).
struct HTTPBodyDecoder: Sendable {
    private enum Step {
        case counted(Int)
        case chunkLine
        case chunkData(Int)
        case separator(next: UInt8)
        case trailers
        case untilClose
        case end
    }

    private var step: Step
    private var received = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    /// Throws when the length told beforehand is over the limit.
    init(_ framing: HTTPBodyFraming, limits: HTTPLimits) throws(HTTPFault) {
        switch framing {
        case .none, .length(0): step = .end
        case .length(let length) where length > limits.maxBodyBytes: throw .bodyTooLarge
        case .length(let length): step = .counted(length)
        case .chunked: step = .chunkLine
        case .untilClose: step = .untilClose
        }
    }

    /// True for a body that may end here when the connection closes.
    var endsAtClose: Bool {
        if case .untilClose = step { return true }
        return false
    }

    /// The next part; nil when all of `input` is consumed.
    mutating func next(
        _ input: UnsafeRawBufferPointer, at consumed: inout Int, lines: inout HTTPLineBuffer, limits: HTTPLimits
    ) throws(HTTPFault) -> HTTPBodyPart? {
        if case .end = step { return .end }
        while consumed < input.count {
            switch step {
            case .counted(let left):
                let range = Self.take(left, of: input, &consumed)
                step = range.count < left ? .counted(left - range.count) : .end
                return .bytes(range)
            case .chunkLine:
                guard try readChunkLine(input, &consumed, &lines, limits) else { return nil }
            case .chunkData(let left):
                let range = Self.take(left, of: input, &consumed)
                step = range.count < left ? .chunkData(left - range.count) : .separator(next: 0x0d)
                return .bytes(range)
            case .separator(let byte):
                guard input[consumed] == byte else { throw .unterminatedChunk }
                consumed += 1
                step = byte == 0x0d ? .separator(next: 0x0a) : .chunkLine
            case .trailers:
                guard try readTrailer(input, &consumed, &lines, limits) else { return nil }
            case .untilClose:
                let room = limits.maxBodyBytes - received
                if room == 0 { throw .bodyTooLarge }
                let range = Self.take(room, of: input, &consumed)
                received += range.count
                return .bytes(range)
            case .end:
                return .end
            }
        }
        if case .end = step { return .end }
        return nil
    }

    private static func take(
        _ count: Int, of input: UnsafeRawBufferPointer, _ consumed: inout Int
    ) -> Range<Int> {
        let start = consumed
        consumed += min(count, input.count - start)
        return start..<consumed
    }

    /// False when `input` ended first.
    private mutating func readChunkLine(
        _ input: UnsafeRawBufferPointer, _ consumed: inout Int, _ lines: inout HTTPLineBuffer, _ limits: HTTPLimits
    ) throws(HTTPFault) -> Bool {
        guard
            let range = try lines.nextLine(
                of: input, at: &consumed, limit: limits.maxChunkLine, tooLong: .chunkLineTooLong)
        else { return false }
        let line = try HTTPChunkLine(parsing: lines.bytes, range)
        lines.removeLines()
        extensionBytes += line.extensionBytes
        if extensionBytes > limits.maxExtensionBytes { throw .chunkExtensionsTooLarge }
        if line.size > limits.maxBodyBytes - received { throw .bodyTooLarge }
        received += line.size
        step = line.size == 0 ? .trailers : .chunkData(line.size)
        return true
    }

    /// False when `input` ended first.
    private mutating func readTrailer(
        _ input: UnsafeRawBufferPointer, _ consumed: inout Int, _ lines: inout HTTPLineBuffer, _ limits: HTTPLimits
    ) throws(HTTPFault) -> Bool {
        let limit = max(0, limits.maxTrailerBytes - trailerBytes - 2)
        guard let line = try lines.nextLine(of: input, at: &consumed, limit: limit, tooLong: .trailersTooLarge)
        else { return false }
        if line.isEmpty {
            step = .end
        } else {
            trailerCount += 1
            trailerBytes += line.count + 2
            if trailerCount > limits.maxHeaderCount { throw .tooManyHeaders }
            _ = try HTTPFieldLine(parsing: lines.bytes, line)
        }
        lines.removeLines()
        return true
    }
}
