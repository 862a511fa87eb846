/// The two close frames that end a connection, one each way (RFC 6455 §7.1).
///
/// ```
///            begin                 receive
///   open ───────────▶ closeSent ──────────────▶ closed
///     │ receive                                   ▲ ▲
///     └─────────────▶ closeReceived ──────────────┘ │   fail, transportEnded:
///                                    replyWritten   └── from any state
/// ```
/// Once closed, the server ends the transport when its output has drained; a client first gives the server a moment
/// to do so (§7.1.1). How long to wait in each state is the caller's affair: no clock in here.
package struct CloseHandshake: Equatable, Sendable {
    package enum State: Sendable {
        case open
        /// Our close frame is out, the peer's is due.
        case closeSent
        /// The peer's close frame is here, our echo is on its way out.
        case closeReceived
        /// No frame travels in either direction any more.
        case closed
    }

    package private(set) var state = State.open

    /// How the peer ended it: its code, 1005 for a close frame without one, 1006 for none at all; nil while open-ended.
    package private(set) var outcome: CloseCode?

    package init() {}

    /// Whether messages, pings and pongs of ours may still go out.
    package var maySend: Bool { state == .open }

    /// Whether an event from the decoder still counts: once our close frame is out, only the peer's own does.
    package func heeds(_ event: WebSocketEvent) -> Bool {
        switch (state, event) {
        case (.open, _), (.closeSent, .close): true
        case (.closeSent, _), (.closeReceived, _), (.closed, _): false
        }
    }

    /// We want to end it: the frame to send, or nil when the end has already begun.
    package mutating func begin(_ code: CloseCode?, reason: String = "") -> CloseFrame? {
        guard state == .open else { return nil }
        state = .closeSent
        return CloseFrame(code, reason: reason)
    }

    /// The peer's close frame came: the echo to send, or nil when it answers ours or comes twice.
    package mutating func receive(_ code: CloseCode?) -> CloseFrame? {
        switch state {
        case .open:
            state = .closeReceived
            outcome = code ?? .noStatusReceived
            return CloseFrame(code)
        case .closeSent:
            state = .closed
            outcome = code ?? .noStatusReceived
            return nil
        case .closeReceived, .closed:
            return nil
        }
    }

    /// The echo has been written.
    package mutating func replyWritten() {
        guard state == .closeReceived else { return }
        state = .closed
    }

    /// The peer broke the protocol: the last frame to send, or nil when a close frame of ours is already out.
    ///
    /// Nothing more is read from such a peer, so there is no answer to wait for (RFC 6455 §7.1.7).
    package mutating func fail(_ fault: WebSocketFault) -> CloseFrame? {
        defer { transportEnded() }
        return state == .open ? CloseFrame(fault.closeCode, reason: fault.sentence) : nil
    }

    /// The transport is gone, whatever was still due.
    package mutating func transportEnded() {
        state = .closed
        outcome = outcome ?? .abnormalClosure
    }
}
