/// How a peer broke RFC 6455; each fault fails the connection (§7.1.7).
package enum WebSocketFault: Error, Equatable, Sendable {
    /// A reserved bit that no agreed extension explains, or on a frame where none may stand.
    case reservedBits
    case unknownOpcode(UInt8)
    case unmaskedClientFrame
    case maskedServerFrame
    case fragmentedControl
    case controlTooLong
    /// A continuation frame with no message to continue.
    case unexpectedContinuation
    /// A new message while another is still in fragments.
    case expectedContinuation
    case nonMinimalLength
    /// A 64-bit length with its high bit set.
    case lengthTooLarge
    case messageTooBig(limit: Int)
    case invalidUTF8
    case invalidCloseCode(UInt16)
    /// A close payload of one byte: half a code.
    case truncatedClose

    /// The code our close frame gives for this fault.
    package var closeCode: CloseCode {
        switch self {
        case .reservedBits, .unknownOpcode, .unmaskedClientFrame, .maskedServerFrame, .fragmentedControl,
            .controlTooLong, .unexpectedContinuation, .expectedContinuation, .nonMinimalLength, .lengthTooLarge,
            .invalidCloseCode, .truncatedClose:
            .protocolError
        case .messageTooBig: .messageTooBig
        case .invalidUTF8: .invalidPayload
        }
    }

    /// One sentence for the peer's developer, short enough for a close reason.
    package var sentence: String {
        switch self {
        case .reservedBits: "A reserved bit is set that no agreed extension uses."
        case .unknownOpcode(let opcode): "Opcode \(opcode) is reserved."
        case .unmaskedClientFrame: "A client must mask every frame."
        case .maskedServerFrame: "A server must not mask a frame."
        case .fragmentedControl: "A control frame must not be fragmented."
        case .controlTooLong: "A control frame holds at most 125 bytes."
        case .unexpectedContinuation: "There is no message to continue."
        case .expectedContinuation: "The fragmented message must end before another begins."
        case .nonMinimalLength: "A length must be written in the fewest bytes."
        case .lengthTooLarge: "The high bit of a 64-bit length must be zero."
        case .messageTooBig(let limit): "A message holds at most \(limit) bytes."
        case .invalidUTF8: "Text must be valid UTF-8."
        case .invalidCloseCode(let code): "Close code \(code) must not be sent."
        case .truncatedClose: "A close frame holds a whole code or nothing."
        }
    }
}
