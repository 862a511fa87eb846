extension FrameEncoder {
    /// No reason is longer: a control payload less the two bytes of the code.
    package static let maxCloseReason = FrameHeader.maxControlPayload - 2

    /// A whole close frame; a reason over `maxCloseReason` bytes is cut between two Unicode scalars.
    ///
    /// Without a code there is no reason either (RFC 6455 §5.5.1). The code must be one that may travel.
    package static func close(_ code: CloseCode?, reason: String = "", maskKey: UInt32? = nil) -> [UInt8] {
        var payload: [UInt8] = []
        if let code {
            precondition(code.isSendable, "Only a close code that may travel is sent.")
            payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)] + cut(reason)
        }
        var frame: [UInt8] = []
        appendFrame(.close, payload: payload, maskKey: maskKey, to: &frame)
        return frame
    }

    /// A whole close frame.
    package static func close(_ frame: CloseFrame, maskKey: UInt32? = nil) -> [UInt8] {
        close(frame.code, reason: frame.reason, maskKey: maskKey)
    }

    private static func cut(_ reason: String) -> ArraySlice<UInt8> {
        let bytes = Array(reason.utf8.prefix(maxCloseReason + 1))
        guard bytes.count > maxCloseReason else { return bytes[...] }
        var end = maxCloseReason
        while bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return bytes[..<end]
    }
}
