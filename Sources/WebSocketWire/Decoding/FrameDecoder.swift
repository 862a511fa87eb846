/// Turns the bytes of one direction of a connection into events, however the reads cut them (RFC 6455 §5, §8.1).
///
/// A message that came as one frame in one read is unmasked where it lies and returned as a range of the input: no
/// copy, no allocation. Everything else is gathered inside, up to `maxMessageBytes`, and let go on delivery. Since
/// the input is always used up before more is asked for, one read buffer can serve every connection of a loop.
///
/// ```
///              data frame, not all here, or a fragment
///   header ───────────────────────────────────────────▶ message ──┐
///     ▲  └────────────────────────▶ control ──▶ ended (close)     │
///     └────────────────────────────────┴──────────────────────────┘ frame complete
/// ```
package struct FrameDecoder: Sendable {
    /// What the next byte belongs to.
    private enum Phase: UInt8 {
        case header
        case message
        case control
        /// A close frame came or the peer broke the protocol: no later byte means anything.
        case ended
    }

    private var partialHeader = PartialHeader()
    private var assembly = MessageAssembly()
    private var control: [UInt8] = []
    private let maxMessageBytes: Int
    /// What is still to come of the current frame's payload.
    private var remaining = 0
    /// The current frame's key, turned to where the next byte stands; zero, which changes nothing, when unmasked.
    private var key: UInt32 = 0
    private let role: WebSocketRole
    private let allowedReserved: ReservedBits
    private var phase = Phase.header
    private var opcode = Opcode.continuation
    private var fin = false

    /// The reserved bits of the message delivered last: how an extension tells its own messages from plain ones.
    package private(set) var messageReserved: ReservedBits = []

    /// - Parameter allowedReserved: the bits an agreed extension uses. They may stand on a message's first frame only
    ///   (as RFC 7692 §6.1 has it); such a message counts against the limit as it travels, and its text is not
    ///   validated here.
    package init(role: WebSocketRole, maxMessageBytes: Int = 1 << 20, allowedReserved: ReservedBits = []) {
        precondition(maxMessageBytes >= 0, "A limit on message bytes cannot be negative.")
        self.role = role
        self.maxMessageBytes = maxMessageBytes
        self.allowedReserved = allowedReserved
    }

    /// The next event in `input` from offset `consumed` on, which moves past the bytes used; nil when all are used.
    ///
    /// Start each new input at zero and call until nil. Bytes are read once, and payload is unmasked in place. After
    /// a close event or a fault the rest is swallowed unread.
    package mutating func next(
        _ input: UnsafeMutableRawBufferPointer, consumed: inout Int
    ) throws(WebSocketFault) -> WebSocketEvent? {
        precondition(consumed >= 0 && consumed <= input.count, "Reading begins inside the input.")
        do {
            return try advance(input, &consumed)
        } catch {
            end()
            consumed = input.count
            throw error
        }
    }

    private mutating func advance(
        _ input: UnsafeMutableRawBufferPointer, _ consumed: inout Int
    ) throws(WebSocketFault) -> WebSocketEvent? {
        while true {
            switch phase {
            case .header:
                guard let header = try readHeader(input, &consumed) else { return nil }
                try admit(header)
                if let event = try wholeMessage(header, input, &consumed) { return event }
                begin(header)
            case .message:
                try assembly.append(UnsafeRawBufferPointer(takePayload(input, &consumed)))
                guard remaining == 0 else { return nil }
                phase = .header
                if fin { return try finishMessage() }
            case .control:
                control.append(contentsOf: takePayload(input, &consumed))
                guard remaining == 0 else { return nil }
                phase = .header
                if let event = try finishControl() { return event }
            case .ended:
                consumed = input.count
                return nil
            }
        }
    }
}

extension FrameDecoder {
    private func readHeaderInPlace(_ rest: UnsafeRawBufferPointer) throws(WebSocketFault) -> FrameHeader? {
        partialHeader.isEmpty ? try FrameHeader.parse(rest) : nil
    }

    private mutating func readHeader(
        _ input: UnsafeMutableRawBufferPointer, _ consumed: inout Int
    ) throws(WebSocketFault) -> FrameHeader? {
        if let header = try readHeaderInPlace(UnsafeRawBufferPointer(rebasing: input[consumed...])) {
            consumed += header.encodedSize
            return header
        }
        return try partialHeader.complete(from: UnsafeRawBufferPointer(input), consumed: &consumed)
    }

    /// Judges a header by our role, the agreed extensions, the message under way and the limit: before any payload.
    private func admit(_ header: FrameHeader) throws(WebSocketFault) {
        let startsMessage = header.opcode == .text || header.opcode == .binary
        guard header.reserved.isSubset(of: startsMessage ? allowedReserved : []) else { throw .reservedBits }
        guard header.masked == role.receivesMasked else {
            throw role.receivesMasked ? .unmaskedClientFrame : .maskedServerFrame
        }
        guard !header.opcode.isControl else { return }
        if startsMessage, assembly.kind != nil { throw .expectedContinuation }
        if !startsMessage, assembly.kind == nil { throw .unexpectedContinuation }
        guard header.payloadLength <= maxMessageBytes - assembly.count else {
            throw .messageTooBig(limit: maxMessageBytes)
        }
    }

    /// The hot path: an unfragmented message whose payload is all here never leaves the input.
    private mutating func wholeMessage(
        _ header: FrameHeader, _ input: UnsafeMutableRawBufferPointer, _ consumed: inout Int
    ) throws(WebSocketFault) -> WebSocketEvent? {
        guard header.fin, let kind = MessageKind(header.opcode), input.count - consumed >= header.payloadLength else {
            return nil
        }
        let range = consumed..<(consumed + header.payloadLength)
        let payload = UnsafeMutableRawBufferPointer(rebasing: input[range])
        if let key = header.maskKey { Masking.apply(key, to: payload) }
        if kind == .text, header.reserved.isEmpty {
            var text = UTF8Validator()
            guard text.feed(UnsafeRawBufferPointer(payload)), text.isComplete else { throw .invalidUTF8 }
        }
        consumed = range.upperBound
        messageReserved = header.reserved
        return .message(kind: kind, body: .slice(range))
    }

    private mutating func begin(_ header: FrameHeader) {
        opcode = header.opcode
        fin = header.fin
        remaining = header.payloadLength
        key = header.maskKey ?? 0
        phase = header.opcode.isControl ? .control : .message
        if let kind = MessageKind(header.opcode) { assembly.begin(kind, reserved: header.reserved) }
    }

    /// As much of the current payload as the input holds, unmasked in place.
    private mutating func takePayload(
        _ input: UnsafeMutableRawBufferPointer, _ consumed: inout Int
    ) -> UnsafeMutableRawBufferPointer {
        let count = min(remaining, input.count - consumed)
        let piece = UnsafeMutableRawBufferPointer(rebasing: input[consumed..<(consumed + count)])
        if key != 0 {
            Masking.apply(key, to: piece)
            key = Masking.rotated(key, by: count)
        }
        remaining -= count
        consumed += count
        return piece
    }

    private mutating func finishMessage() throws(WebSocketFault) -> WebSocketEvent? {
        messageReserved = assembly.reserved
        return try assembly.finish()
    }

    private mutating func finishControl() throws(WebSocketFault) -> WebSocketEvent? {
        let payload = control
        control = []
        switch opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close:
            let frame = try CloseFrame(payload: payload)
            end()
            return .close(frame.code, reason: frame.reason)
        case .continuation, .text, .binary: return nil
        }
    }

    /// Lets go of everything: no later byte is read.
    private mutating func end() {
        phase = .ended
        assembly = MessageAssembly()
        control = []
        partialHeader = PartialHeader()
    }
}

extension MessageKind {
    /// The kind of message that a frame with this opcode begins.
    fileprivate init?(_ opcode: Opcode) {
        switch opcode {
        case .text: self = .text
        case .binary: self = .binary
        case .continuation, .close, .ping, .pong: return nil
        }
    }
}
