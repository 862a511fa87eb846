import EventLoops

/// The body of a request that its handler reads as it comes; good until the handler returns.
package struct RequestBody: Sendable {
    let connection: LoopBound<HTTPConnection>
    let exchange: Int

    /// The next bytes, some hundred kilobytes at most; nil at the body's end. The peer waits while nobody asks.
    package func next() async throws(BodyFault) -> [UInt8]? {
        let result: Result<[UInt8]?, BodyFault> = await withCheckedContinuation { continuation in
            connection.execute { $0.pull(exchange, continuation) }
        }
        return try result.get()
    }
}

/// Why no more of a body comes.
package enum BodyFault: Error, Equatable, Sendable {
    /// The connection ended, or the peer was too slow.
    case peerGone
    /// The request was answered already, or the body was no longer wanted.
    case refused
}
