import WireMessages

/// Word to the other servers that a stream has something new; they read it from the buffer themselves, so that nothing
/// comes twice or out of order, whatever becomes of the word.
///
///     stream worker:gpu-1
struct StreamNote: Equatable {
    private static let prefix = Array("stream ".utf8)

    let channel: StreamChannel

    init(_ channel: StreamChannel) { self.channel = channel }

    init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.prefix),
            let channel = StreamChannel(String(decoding: bytes.dropFirst(Self.prefix.count), as: UTF8.self))
        else { return nil }
        self.channel = channel
    }

    var encoded: [UInt8] { Self.prefix + Array(channel.name.utf8) }
}
