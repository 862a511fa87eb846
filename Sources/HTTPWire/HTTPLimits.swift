/// How much of a message is read before it is refused.
///
/// Sizes are bytes. A value below zero counts as zero, and a head limit above 16 MiB as 16 MiB, so that no later sum of
/// limits and lengths can overflow.
package struct HTTPLimits: Sendable, Equatable {
    /// The request line (or status line) without its CRLF.
    package let maxRequestLine: Int
    /// All field lines together, each with its CRLF, without the empty line that ends the head.
    package let maxHeaderBytes: Int
    /// Field lines in a head; also trailer lines after a chunked body.
    package let maxHeaderCount: Int
    /// The body after its chunk framing is taken off.
    package let maxBodyBytes: Int
    /// One chunk-size line with its extensions, without its CRLF.
    package let maxChunkLine: Int
    /// The extensions of all chunk-size lines of one body together: without it a body of one-byte chunks could carry a
    /// thousand bytes of padding for each of its own.
    package let maxExtensionBytes: Int
    /// All trailer lines together, each with its CRLF.
    package let maxTrailerBytes: Int

    package init(
        maxRequestLine: Int = 8 << 10,
        maxHeaderBytes: Int = 32 << 10,
        maxHeaderCount: Int = 100,
        maxBodyBytes: Int = 1 << 20,
        maxChunkLine: Int = 1 << 10,
        maxExtensionBytes: Int = 8 << 10,
        maxTrailerBytes: Int = 8 << 10
    ) {
        self.maxRequestLine = Self.bounded(maxRequestLine)
        self.maxHeaderBytes = Self.bounded(maxHeaderBytes)
        self.maxHeaderCount = Self.bounded(maxHeaderCount)
        self.maxBodyBytes = max(0, maxBodyBytes)
        self.maxChunkLine = Self.bounded(maxChunkLine)
        self.maxExtensionBytes = Self.bounded(maxExtensionBytes)
        self.maxTrailerBytes = Self.bounded(maxTrailerBytes)
    }

    private static func bounded(_ limit: Int) -> Int {
        min(max(0, limit), 16 << 20)
    }
}
