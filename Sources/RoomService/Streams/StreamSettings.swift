/// Bounds of the streams of events.
package struct StreamSettings: Sendable, Equatable {
    /// Events a stream keeps for those who come later.
    package var keptEvents = 200
    /// An event of `n` bytes leaves room for `keptBytes / n` others before it, so that a stream of large ones keeps few.
    package var keptBytes = 4 << 20
    /// How long a stream is kept after its last event.
    package var bufferSeconds: Int64 = 3600
    /// How long it is known whose a stream is, after its last event: longer than any training goes without a word.
    package var nameSeconds: Int64 = 7 * 86_400
    /// Streams that one room may open within an hour on one server.
    package var openingsPerHour = 1000
    /// Bytes of events that wait to be kept: of one stream, and of all.
    package var waitingBytes = 8 << 20
    package var allWaitingBytes = 64 << 20
    /// How long an event waits for the store to come back.
    package var patienceSeconds: Int64 = 30
    /// Who reads at a time: on one server, and one stream.
    package var readers = 4096
    package var readersOfOne = 64
    /// Bytes of all streams that are being read on one server.
    package var heldBytes = 128 << 20
    /// Bytes that a reader is sent at once.
    package var pieceBytes = 64 << 10
    package var keepaliveSeconds: Int64 = 15

    package init() {}

    /// How many events are kept when this is the newest.
    func kept(after bytes: Int) -> Int { min(keptEvents, max(1, keptBytes / max(1, bytes))) }
}
