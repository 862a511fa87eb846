import WebSocketWire

/// A decoder's event with its bytes taken out of the input, so that two ways of arriving can be compared.
enum Heard: Equatable {
    case text(String)
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(CloseCode?, reason: String)

    init(_ event: WebSocketEvent, in input: UnsafeMutableRawBufferPointer) {
        switch event {
        case .message(.text, let body): self = .text(String(decoding: body.bytes(in: input), as: UTF8.self))
        case .message(.binary, let body): self = .binary(body.bytes(in: input))
        case .ping(let payload): self = .ping(payload)
        case .pong(let payload): self = .pong(payload)
        case .close(let code, let reason): self = .close(code, reason: reason)
        }
    }
}

extension MessageBody {
    func bytes(in input: UnsafeMutableRawBufferPointer) -> [UInt8] {
        switch self {
        case .slice(let range): Array(input[range])
        case .assembled(let bytes): bytes
        }
    }

    var isSlice: Bool {
        switch self {
        case .slice: true
        case .assembled: false
        }
    }
}

extension FrameDecoder {
    /// Everything one read brings, and that all of it was used.
    mutating func hear(_ read: some Collection<UInt8>) throws(WebSocketFault) -> [Heard] {
        var heard: [Heard] = []
        try listen(read) { heard.append(Heard($0, in: $1)) }
        return heard
    }

    /// The events of one read as they are.
    mutating func events(_ read: some Collection<UInt8>) throws(WebSocketFault) -> [WebSocketEvent] {
        var events: [WebSocketEvent] = []
        try listen(read) { event, _ in events.append(event) }
        return events
    }

    private mutating func listen(
        _ read: some Collection<UInt8>, _ each: (WebSocketEvent, UnsafeMutableRawBufferPointer) -> Void
    ) throws(WebSocketFault) {
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: read.count, alignment: 1)
        defer { input.deallocate() }
        input.copyBytes(from: read)
        var consumed = 0
        while let event = try next(input, consumed: &consumed) { each(event, input) }
        precondition(consumed == input.count, "A decoder asks for more only when it has used up everything.")
    }
}

/// What a fresh decoder hears when `wire` arrives in these reads.
func hear(
    _ reads: [some Collection<UInt8>], as role: WebSocketRole = .server, limit: Int = 1 << 20
) throws(WebSocketFault) -> [Heard] {
    var decoder = FrameDecoder(role: role, maxMessageBytes: limit)
    var heard: [Heard] = []
    for read in reads { heard += try decoder.hear(read) }
    return heard
}

/// The fault that `wire` ends in, or nil when there is none.
func fault(_ wire: [UInt8], as role: WebSocketRole = .server, limit: Int = 1 << 20) -> WebSocketFault? {
    do {
        _ = try hear([wire], as: role, limit: limit)
        return nil
    } catch {
        return error
    }
}
