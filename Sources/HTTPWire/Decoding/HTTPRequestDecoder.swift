/// Reads requests from the bytes of one connection, however they are cut.
///
/// ```
/// requestLine ──► fields ──► body ──► requestLine …
///      └────────────┴──────────┴────► refused
/// ```
/// It holds no more than the head so far, and no pointer into the input. It stops exactly behind what it reported: after
/// the head of an upgrade the caller stops feeding it, and the bytes from `consumed` on belong to the other protocol.
/// Once it threw, it throws the same fault for ever.
package struct HTTPRequestDecoder: Sendable {
    private enum Step {
        case requestLine(emptyLines: Int)
        case fields(HTTPRequestLine, HTTPFieldReader)
        case body(HTTPBodyDecoder)
        case refused(HTTPFault)
    }

    /// Empty lines let pass in front of a request line (RFC 9112, section 2.2).
    private static let maxEmptyLines = 2

    private let limits: HTTPLimits
    private var lines = HTTPLineBuffer()
    private var step = Step.requestLine(emptyLines: 0)

    package init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// True when no request has begun: to close the connection now cuts nothing short.
    package var isBetweenRequests: Bool {
        guard case .requestLine = step else { return false }
        return lines.isAtLineStart
    }

    /// The next event of `input` from offset `consumed` on, which moves behind what was read.
    ///
    /// Nil means that all of `input` is consumed and more is needed. Call again with the same input and the same `consumed`
    /// until then, or stop after any event. `end` may come without a byte being consumed.
    package mutating func next(
        _ input: UnsafeRawBufferPointer, consumed: inout Int
    ) throws(HTTPFault) -> HTTPRequestEvent? {
        precondition(0...input.count ~= consumed, "consumed is an offset into the input")
        do throws(HTTPFault) {
            return try advance(input, &consumed)
        } catch {
            step = .refused(error)
            throw error
        }
    }

    private mutating func advance(
        _ input: UnsafeRawBufferPointer, _ consumed: inout Int
    ) throws(HTTPFault) -> HTTPRequestEvent? {
        switch step {
        case .requestLine(let emptyLines):
            guard try readRequestLine(input, &consumed, emptyLines) else { return nil }
            return try advance(input, &consumed)
        case .fields(let line, var reader):
            // The step must not hold the reader's storage while it grows, or every field would copy it.
            step = .requestLine(emptyLines: 0)
            guard let fields = try reader.next(input, at: &consumed, lines: &lines, limits: limits) else {
                step = .fields(line, reader)
                return nil
            }
            return .head(try finishHead(line, fields, reader.framing))
        case .body(var body):
            step = .requestLine(emptyLines: 0)
            let part = try body.next(input, at: &consumed, lines: &lines, limits: limits)
            if part != .end { step = .body(body) }
            return part.map { $0.requestEvent }
        case .refused(let fault):
            throw fault
        }
    }

    /// False when `input` ended first.
    private mutating func readRequestLine(
        _ input: UnsafeRawBufferPointer, _ consumed: inout Int, _ emptyLines: Int
    ) throws(HTTPFault) -> Bool {
        var emptyLines = emptyLines
        while consumed < input.count {
            let limit = limits.maxRequestLine
            guard let line = try lines.nextLine(of: input, at: &consumed, limit: limit, tooLong: .targetTooLong)
            else { return false }
            if !line.isEmpty {
                step = .fields(try HTTPRequestLine(parsing: lines.bytes, line), HTTPFieldReader())
                return true
            }
            emptyLines += 1
            if emptyLines > Self.maxEmptyLines { throw .excessEmptyLines }
            step = .requestLine(emptyLines: emptyLines)
            lines.removeLines()
        }
        return false
    }

    private mutating func finishHead(
        _ line: HTTPRequestLine, _ fields: HTTPFields, _ framing: HTTPFramingFields
    ) throws(HTTPFault) -> HTTPRequestHead {
        try framing.check(method: line.method, version: line.version)
        try Self.checkHost(fields, line.version)
        try Self.checkExpectation(fields)
        step = .body(try HTTPBodyDecoder(framing.body, limits: limits))
        return HTTPRequestHead(line, fields: fields, framing: framing)
    }

    /// Exactly one valid Host for HTTP/1.1, at most one for HTTP/1.0 (RFC 9112, section 3.2).
    private static func checkHost(_ fields: HTTPFields, _ version: HTTPVersion) throws(HTTPFault) {
        var isSeen = false
        for entry in fields.entries where ByteClass.matches(fields.bytes, entry.name, "host") {
            if isSeen { throw .repeatedHost }
            isSeen = true
            guard HTTPAuthority.isValid(fields.bytes, entry.value) else { throw .malformedHost }
        }
        if version == .http11, !isSeen { throw .missingHost }
    }

    /// Nothing but `100-continue` can be promised (RFC 9110, section 10.1.1).
    private static func checkExpectation(_ fields: HTTPFields) throws(HTTPFault) {
        for entry in fields.entries where ByteClass.matches(fields.bytes, entry.name, "expect") {
            guard ByteClass.matches(fields.bytes, entry.value, "100-continue") else { throw .expectationRefused }
        }
    }
}

extension HTTPBodyPart {
    fileprivate var requestEvent: HTTPRequestEvent {
        switch self {
        case .bytes(let range): .body(range)
        case .end: .end
        }
    }
}
