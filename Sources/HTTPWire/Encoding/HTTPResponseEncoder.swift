/// Writes responses at the end of a connection's output.
///
/// The encoder alone writes Content-Length, Transfer-Encoding, Connection and Date, and leaves out fields of these names:
/// no response can have two lengths, or a length and chunks. Everything else was validated when it got into `HTTPFields`.
package enum HTTPResponseEncoder {
    /// Appends a whole head and returns the framing the body must have.
    ///
    /// That is `body`, but with these exceptions:
    /// - 1xx, 204 and 304 never have a body: `none`.
    /// - A peer of HTTP/1.0 knows no chunks: `chunked` becomes `untilClose`. Send the bytes plain, then close.
    ///
    /// `none` on a status that may have a body says `Content-Length: 0`, so that no client waits for one. Answer HEAD with
    /// the framing GET would have had, and send no body. When the result is `untilClose` or `keepAlive` is false, the head says
    /// `Connection: close` and the caller has to close after the body. A field Upgrade gets its Connection option by
    /// itself (RFC 9110, section 7.8). Interim responses carry neither Date nor close.
    @discardableResult
    package static func appendHead(
        _ status: HTTPStatus, _ fields: HTTPFields, body: HTTPBodyFraming, keepAlive: Bool,
        peer version: HTTPVersion = .http11, date: String, to output: inout [UInt8]
    ) -> HTTPBodyFraming {
        let framing = framing(of: status, body, version)
        appendStatusLine(status, to: &output)
        if !status.isInterim, date.utf8.allSatisfy({ ByteClass.isFieldValue($0) }) {
            appendLine("Date: ", date, to: &output)
        }
        for entry in fields.entries where !isOwned(fields.bytes, entry.name) {
            append(fields, entry, to: &output)
        }
        appendFraming(status, framing, to: &output)
        appendConnection(status, fields, keepAlive && framing != .untilClose, version, to: &output)
        output.append(contentsOf: "\r\n".utf8)
        return framing
    }

    /// Appends one chunk; nothing for no bytes, because an empty chunk would end the body.
    package static func appendChunk(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        if bytes.isEmpty { return }
        appendNumber(bytes.count, radix: 16, to: &output)
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: bytes)
        output.append(contentsOf: "\r\n".utf8)
    }

    package static func appendChunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        bytes.withUnsafeBytes { appendChunk($0, to: &output) }
    }

    /// Ends a chunked body.
    package static func appendEnd(to output: inout [UInt8]) {
        output.append(contentsOf: "0\r\n\r\n".utf8)
    }

    private static func framing(
        of status: HTTPStatus, _ body: HTTPBodyFraming, _ version: HTTPVersion
    ) -> HTTPBodyFraming {
        if status.forbidsBody { return .none }
        return body == .chunked && version == .http10 ? .untilClose : body
    }

    private static func appendStatusLine(_ status: HTTPStatus, to output: inout [UInt8]) {
        output.append(contentsOf: "HTTP/1.1 ".utf8)
        appendNumber(status.code, radix: 10, to: &output)
        appendLine(" ", status.reason, to: &output)
    }

    private static func appendFraming(_ status: HTTPStatus, _ framing: HTTPBodyFraming, to output: inout [UInt8]) {
        switch framing {
        case .none where status.forbidsBody, .untilClose:
            break
        case .none:
            appendLine("Content-Length: ", "0", to: &output)
        case .length(let length):
            precondition(length >= 0, "a body has no negative length")
            output.append(contentsOf: "Content-Length: ".utf8)
            appendNumber(length, radix: 10, to: &output)
            output.append(contentsOf: "\r\n".utf8)
        case .chunked:
            appendLine("Transfer-Encoding: ", "chunked", to: &output)
        }
    }

    private static func appendConnection(
        _ status: HTTPStatus, _ fields: HTTPFields, _ keepAlive: Bool, _ version: HTTPVersion,
        to output: inout [UInt8]
    ) {
        if fields.contains("upgrade") { appendLine("Connection: ", "Upgrade", to: &output) }
        if status.isInterim { return }
        if !keepAlive {
            appendLine("Connection: ", "close", to: &output)
        } else if version == .http10 {
            appendLine("Connection: ", "keep-alive", to: &output)
        }
    }

    private static func isOwned(_ bytes: [UInt8], _ name: Range<Int>) -> Bool {
        switch name.count {
        case 4: ByteClass.matches(bytes, name, "date")
        case 10: ByteClass.matches(bytes, name, "connection")
        case 14: ByteClass.matches(bytes, name, "content-length")
        case 17: ByteClass.matches(bytes, name, "transfer-encoding")
        default: false
        }
    }

    private static func append(_ fields: HTTPFields, _ entry: HTTPFields.Entry, to output: inout [UInt8]) {
        output.append(contentsOf: fields.bytes[entry.name])
        output.append(contentsOf: ": ".utf8)
        output.append(contentsOf: fields.bytes[entry.value])
        output.append(contentsOf: "\r\n".utf8)
    }

    private static func appendLine(_ start: StaticString, _ rest: String, to output: inout [UInt8]) {
        start.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(contentsOf: rest.utf8)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// Appends the digits of a number that is not negative, without making a string of it.
    private static func appendNumber(_ number: Int, radix: Int, to output: inout [UInt8]) {
        let start = output.count
        var rest = number
        repeat {
            let digit = UInt8(rest % radix)
            output.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
            rest /= radix
        } while rest > 0
        output[start...].reverse()
    }
}
