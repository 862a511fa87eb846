import WireMessages

/// What the service sees of a socket: it offers frames and closes.
///
/// Every call is made on the executor of the room that the peer is in, and none of them waits.
package protocol PeerChannel: AnyObject, Sendable {
    /// Bytes accepted and not yet taken by the network.
    var pendingBytes: Int { get }

    /// Sends one text message; the bytes are copied.
    func offer(_ text: UnsafeRawBufferPointer)

    /// Sends one text message that many peers share.
    func offer(shared text: [UInt8])

    /// Stops taking frames from the peer until ``resumeReading()``.
    func pauseReading()
    func resumeReading()

    func close(_ reason: PeerClose)
}

/// Bytes lent to a room for the length of one call on its own thread.
///
/// The one place where the service steps around Sendable: a frame is a range of its loop's read buffer, the room runs
/// on that loop, and the call returns before the buffer is used again. Nothing may keep it.
package struct LentBytes: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }
}
