extension HTTPFault {
    /// The status to answer with before closing.
    ///
    /// The faults only a response can have say 502: whoever passes them on speaks for another server.
    package var status: HTTPStatus {
        switch self {
        case .bareLineFeed, .bareCarriageReturn, .controlByte, .excessEmptyLines, .malformedRequestLine,
            .malformedTarget, .targetFormRefused, .malformedEscape, .pathRefused, .foldedField, .malformedFieldName,
            .missingHost, .repeatedHost, .malformedHost, .malformedContentLength, .repeatedContentLength,
            .repeatedTransferEncoding, .malformedTransferEncoding, .transferEncodingBeforeHTTP11, .conflictingFraming,
            .malformedChunkSize, .chunkSizeOverflow, .malformedChunkExtension, .chunkLineTooLong,
            .chunkExtensionsTooLarge, .unterminatedChunk:
            .badRequest
        case .lengthRequired: .lengthRequired
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .expectationRefused: .expectationFailed
        case .headersTooLarge, .tooManyHeaders, .trailersTooLarge: .headerFieldsTooLarge
        case .tunnelRefused, .unknownTransferCoding: .notImplemented
        case .unservedVersion: .versionNotSupported
        case .malformedStatusLine, .statusLineTooLong, .truncatedMessage: .badGateway
        }
    }

    /// One sentence for the peer; it repeats nothing the peer sent.
    package var sentence: String {
        switch self {
        case .bareLineFeed: "A line ends with a line feed alone."
        case .bareCarriageReturn: "A carriage return stands without its line feed."
        case .controlByte: "The head holds a control byte."
        case .excessEmptyLines: "Too many empty lines stand before the request line."
        case .malformedRequestLine: "The request line is not a method, a target and a version, one space apart."
        case .unservedVersion: "This server speaks HTTP/1.1 and HTTP/1.0 only."
        case .targetTooLong: "The request line is too long."
        case .malformedTarget: "The request target holds a byte that must be escaped, or an invalid authority."
        case .targetFormRefused: "The request target is neither a path, nor an http URL, nor the asterisk of OPTIONS."
        case .tunnelRefused: "This server opens no tunnels."
        case .malformedEscape: "A percent escape of the target is malformed, or decodes to NUL or to invalid UTF-8."
        case .pathRefused: "The path holds a dot segment, or an escaped slash, backslash or control byte."
        case .foldedField: "A field line starts with a blank."
        case .malformedFieldName: "A field line has no valid name right before its colon."
        case .headersTooLarge: "The fields of the head are too large."
        case .tooManyHeaders: "The head or the trailers have too many fields."
        case .missingHost: "A request of HTTP/1.1 needs a Host field."
        case .repeatedHost: "The Host field is repeated."
        case .malformedHost: "The Host field is not a host with an optional port."
        case .expectationRefused: "The only expectation met here is 100-continue."
        case .malformedContentLength: "Content-Length is not one decimal number within range."
        case .repeatedContentLength: "Content-Length is repeated."
        case .repeatedTransferEncoding: "Transfer-Encoding is repeated."
        case .malformedTransferEncoding: "Transfer-Encoding does not end with chunked, once."
        case .unknownTransferCoding: "The only transfer coding read here is chunked."
        case .transferEncodingBeforeHTTP11: "HTTP/1.0 has no Transfer-Encoding."
        case .conflictingFraming: "Transfer-Encoding and Content-Length stand in one message."
        case .lengthRequired: "A request of HTTP/1.0 with a body needs a Content-Length."
        case .bodyTooLarge: "The body is too large."
        case .malformedChunkSize: "A chunk size is not a hexadecimal number."
        case .chunkSizeOverflow: "A chunk size is out of range."
        case .malformedChunkExtension: "A chunk extension is malformed."
        case .chunkLineTooLong: "A chunk size line is too long."
        case .chunkExtensionsTooLarge: "The chunk extensions of the body are too large."
        case .unterminatedChunk: "The data of a chunk is not followed by CRLF."
        case .trailersTooLarge: "The trailers are too large."
        case .malformedStatusLine: "The status line is malformed."
        case .statusLineTooLong: "The status line is too long."
        case .truncatedMessage: "The connection closed in the middle of a message."
        }
    }
}
