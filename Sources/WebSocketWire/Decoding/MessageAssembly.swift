/// A message that arrives in pieces: fragments, or one frame over several reads.
///
/// It grows by what arrives, not by what a header claims, so a peer pays for every byte it makes us hold.
struct MessageAssembly: Sendable {
    private var bytes: [UInt8] = []
    private var text = UTF8Validator()
    /// What is being put together; nil between messages.
    private(set) var kind: MessageKind?
    /// Those of the message's first frame.
    private(set) var reserved: ReservedBits = []

    var count: Int { bytes.count }

    mutating func begin(_ kind: MessageKind, reserved: ReservedBits) {
        self.kind = kind
        self.reserved = reserved
    }

    /// Adds an unmasked piece; refuses text at its first wrong byte, long before the message ends.
    mutating func append(_ piece: UnsafeRawBufferPointer) throws(WebSocketFault) {
        if isPlainText, !text.feed(piece) { throw .invalidUTF8 }
        bytes.append(contentsOf: piece)
    }

    /// Hands the whole message over and holds nothing any more; nil when none was begun.
    mutating func finish() throws(WebSocketFault) -> WebSocketEvent? {
        guard let kind else { return nil }
        if isPlainText, !text.isComplete { throw .invalidUTF8 }
        let whole = bytes
        self = MessageAssembly()
        return .message(kind: kind, body: .assembled(whole))
    }

    /// An extension's transformed payload is no text yet; who undoes the transformation validates it.
    private var isPlainText: Bool { kind == .text && reserved.isEmpty }
}
