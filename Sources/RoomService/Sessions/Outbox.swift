import WireMessages

/// The frames on their way to one peer, bounded in bytes. A peer that does not take them is closed, and nobody else.
struct Outbox {
    let channel: any PeerChannel
    /// Bytes that may wait.
    let limit: Int
    private(set) var overflowed = false

    init(channel: any PeerChannel, limit: Int) {
        self.channel = channel
        self.limit = limit
    }

    /// Beyond this, what can wait in the room's history waits there.
    var isBusy: Bool { channel.pendingBytes > limit / 4 }

    /// False when the frame did not fit; the peer is then closed.
    mutating func offer(_ text: UnsafeRawBufferPointer) -> Bool {
        guard fits(text.count) else { return false }
        channel.offer(text)
        return true
    }

    mutating func offer(shared text: [UInt8]) -> Bool {
        guard fits(text.count) else { return false }
        channel.offer(shared: text)
        return true
    }

    /// One frame always fits into an empty outbox, whatever the limit.
    private mutating func fits(_ count: Int) -> Bool {
        guard !overflowed else { return false }
        let pending = channel.pendingBytes
        if pending == 0 || pending + count <= limit { return true }
        overflowed = true
        channel.close(.outboxOverflow)
        return false
    }
}
