@testable import HTTPWire

/// What a decoder said about an input that came in pieces, one line per event, bodies joined.
///
/// Ranges are checked here, so that every test that reads input also tests that no offset is out of its piece.
struct WireLog {
    private(set) var lines: [String] = []
    private var body: [UInt8] = []

    struct OffsetOutOfRange: Error {}

    static func requests(_ input: [UInt8], cuts: [Int], limits: HTTPLimits = HTTPLimits()) throws -> [String] {
        var log = WireLog()
        var decoder = HTTPRequestDecoder(limits: limits)
        do {
            try forEachPiece(of: input, cuts) { piece, consumed in
                guard let event = try decoder.next(piece, consumed: &consumed) else { return false }
                switch event {
                case .head(let head): log.note(head)
                case .body(let range): try log.note(range, of: piece, consumed)
                case .end: log.note("end")
                }
                return true
            }
        } catch let fault as HTTPFault {
            log.note("fault \(fault.rawValue)")
        }
        log.flush()
        return log.lines
    }

    static func responses(_ vector: WireVector, cuts: [Int]) throws -> [String] {
        var log = WireLog()
        var decoder = HTTPResponseDecoder(limits: vector.limits, answering: vector.answering)
        do {
            try forEachPiece(of: vector.input, cuts) { piece, consumed in
                guard let event = try decoder.next(piece, consumed: &consumed) else { return false }
                try log.note(event, of: piece, consumed)
                return true
            }
            if vector.closes, let event = try decoder.finish() {
                try log.note(event, of: UnsafeRawBufferPointer(start: nil, count: 0), 0)
            }
        } catch let fault as HTTPFault {
            log.note("fault \(fault.rawValue)")
        }
        log.flush()
        return log.lines
    }

    /// Gives each piece to `next` until it returns false.
    private static func forEachPiece(
        of input: [UInt8], _ cuts: [Int], _ next: (UnsafeRawBufferPointer, inout Int) throws -> Bool
    ) throws {
        var start = 0
        for end in cuts + [input.count] {
            // A copy of its own, so that reading past the piece is reading past memory.
            try Array(input[start..<end]).withUnsafeBytes { piece in
                var consumed = 0
                var before = 0
                while try next(piece, &consumed) {
                    guard before...piece.count ~= consumed else { throw OffsetOutOfRange() }
                    before = consumed
                }
            }
            start = end
        }
    }

    private mutating func note(_ event: HTTPResponseEvent, of piece: UnsafeRawBufferPointer, _ consumed: Int) throws {
        switch event {
        case .head(let head):
            note("head \(head.status.code) \(Self.text(head.version)) \(head.keepAlive ? "keep-alive" : "close")")
            note(head.fields)
        case .body(let range): try note(range, of: piece, consumed)
        case .end: note("end")
        }
    }

    private mutating func note(_ head: HTTPRequestHead) {
        let connection = head.keepAlive ? "keep-alive" : "close"
        note("head \(head.method) \(head.target) \(Self.text(head.version)) \(connection)")
        note(Self.line("path", head.path.map { "[\($0)]" }))
        note(Self.line("query", head.query.pairs.map { "[\($0.name)=\($0.value)]" }))
        if let authority = head.authority { note("authority \(authority)") }
        note(head.fields)
        if head.expectsContinue { note("continue") }
        if head.isUpgrade(to: "websocket") { note("upgrade websocket") }
    }

    private mutating func note(_ fields: HTTPFields) {
        for (name, value) in fields {
            note(value.isEmpty ? "field \(name):" : "field \(name): \(value)")
        }
    }

    private mutating func note(_ range: Range<Int>, of piece: UnsafeRawBufferPointer, _ consumed: Int) throws {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound == consumed, consumed <= piece.count else {
            throw OffsetOutOfRange()
        }
        body += piece[range]
    }

    private mutating func note(_ line: String) {
        flush()
        lines.append(line)
    }

    private mutating func flush() {
        if !body.isEmpty { lines.append("body \(String(decoding: body, as: UTF8.self))") }
        body = []
    }

    private static func line(_ kind: String, _ parts: [String]) -> String {
        parts.isEmpty ? kind : "\(kind) \(parts.joined())"
    }

    private static func text(_ version: HTTPVersion) -> String {
        version == .http11 ? "1.1" : "1.0"
    }
}
