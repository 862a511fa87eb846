/// What a response decoder found next.
package enum HTTPResponseEvent: Sendable, Equatable {
    /// The whole head of a response. One with a 1xx status other than 101 has no `end`: another head follows.
    case head(HTTPResponseHead)
    /// Some bytes of its body, as offsets into the input of this call.
    case body(Range<Int>)
    /// The end of the response.
    case end
}

/// Reads responses from the bytes of one connection, however they are cut; as strict as the request decoder.
///
/// ```
/// statusLine ──► fields ──► body ──► statusLine …
///     ▲            │ 1xx     └─ 101 ─► switched: what follows belongs to the other protocol and is never consumed
///     └────────────┘
/// ```
package struct HTTPResponseDecoder: Sendable {
    private enum Step {
        case statusLine
        case fields(HTTPStatusLine, HTTPFieldReader)
        case body(HTTPBodyDecoder, switches: Bool)
        case switched
        case refused(HTTPFault)
    }

    /// The method of the request the next final response answers: the response to HEAD has the fields of a body and none.
    package var answering: HTTPMethod

    private let limits: HTTPLimits
    private var lines = HTTPLineBuffer()
    private var step = Step.statusLine

    package init(limits: HTTPLimits = HTTPLimits(), answering method: HTTPMethod = .get) {
        self.limits = limits
        answering = method
    }

    /// The next event of `input` from offset `consumed` on, which moves behind what was read; nil when more is needed.
    package mutating func next(
        _ input: UnsafeRawBufferPointer, consumed: inout Int
    ) throws(HTTPFault) -> HTTPResponseEvent? {
        precondition(0...input.count ~= consumed, "consumed is an offset into the input")
        do throws(HTTPFault) {
            return try advance(input, &consumed)
        } catch {
            step = .refused(error)
            throw error
        }
    }

    /// Tells that the connection closed: `end` when that ends the body, nil between responses or after a switch of
    /// protocols; a message cut short is a fault (RFC 9112, section 8).
    package mutating func finish() throws(HTTPFault) -> HTTPResponseEvent? {
        switch step {
        case .statusLine where lines.isAtLineStart, .switched:
            return nil
        case .body(let body, _) where body.endsAtClose:
            step = .statusLine
            return .end
        case .refused(let fault):
            throw fault
        case .statusLine, .fields, .body:
            step = .refused(.truncatedMessage)
            throw .truncatedMessage
        }
    }

    private mutating func advance(
        _ input: UnsafeRawBufferPointer, _ consumed: inout Int
    ) throws(HTTPFault) -> HTTPResponseEvent? {
        switch step {
        case .statusLine:
            guard try readStatusLine(input, &consumed) else { return nil }
            return try advance(input, &consumed)
        case .fields(let line, var reader):
            // The step must not hold the reader's storage while it grows, or every field would copy it.
            step = .statusLine
            guard let fields = try reader.next(input, at: &consumed, lines: &lines, limits: limits) else {
                step = .fields(line, reader)
                return nil
            }
            return .head(try finishHead(line, fields, reader.framing))
        case .body(var body, let switches):
            let part = try body.next(input, at: &consumed, lines: &lines, limits: limits)
            step = part != .end ? .body(body, switches: switches) : switches ? .switched : .statusLine
            return part.map { $0.responseEvent }
        case .switched:
            return nil
        case .refused(let fault):
            throw fault
        }
    }

    /// False when `input` ended first.
    private mutating func readStatusLine(
        _ input: UnsafeRawBufferPointer, _ consumed: inout Int
    ) throws(HTTPFault) -> Bool {
        let limit = limits.maxRequestLine
        guard consumed < input.count,
            let line = try lines.nextLine(of: input, at: &consumed, limit: limit, tooLong: .statusLineTooLong)
        else { return false }
        step = .fields(try HTTPStatusLine(parsing: lines.bytes, line), HTTPFieldReader())
        return true
    }

    private mutating func finishHead(
        _ line: HTTPStatusLine, _ fields: HTTPFields, _ framing: HTTPFramingFields
    ) throws(HTTPFault) -> HTTPResponseHead {
        try framing.check(version: line.version)
        let body = self.body(of: line.status, framing)
        let switches = line.status == .switchingProtocols
        if line.status.isInterim && !switches {
            step = .statusLine
        } else {
            step = .body(try HTTPBodyDecoder(body, limits: limits), switches: switches)
        }
        let keepAlive = framing.keepAlive(line.version) && body != .untilClose
        return HTTPResponseHead(
            version: line.version, status: line.status, fields: fields, body: body, keepAlive: keepAlive)
    }

    /// RFC 9112, section 6.3, for responses.
    private func body(of status: HTTPStatus, _ framing: HTTPFramingFields) -> HTTPBodyFraming {
        if status.forbidsBody || answering == .head { return .none }
        return framing.hasTransferEncoding || framing.hasContentLength ? framing.body : .untilClose
    }
}

extension HTTPBodyPart {
    fileprivate var responseEvent: HTTPResponseEvent {
        switch self {
        case .bytes(let range): .body(range)
        case .end: .end
        }
    }
}
