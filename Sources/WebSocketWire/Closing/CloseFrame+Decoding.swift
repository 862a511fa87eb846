extension CloseFrame {
    /// Reads a close payload: nothing, or a code that may travel and a reason in UTF-8 (RFC 6455 §5.5.1, §7.4).
    init(payload: [UInt8]) throws(WebSocketFault) {
        guard !payload.isEmpty else {
            self.init(nil)
            return
        }
        guard payload.count >= 2 else { throw .truncatedClose }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isSendable else { throw .invalidCloseCode(code.rawValue) }
        var text = UTF8Validator()
        let reason = payload.dropFirst(2)
        let isText = reason.withUnsafeBytes { text.feed($0) && text.isComplete }
        guard isText else { throw .invalidUTF8 }
        self.init(code, reason: String(decoding: reason, as: UTF8.self))
    }
}
