import EventLoops

/// Where a streamed response is written to; good until its closure returns.
package struct ResponseWriter: Sendable {
    let connection: LoopBound<HTTPConnection>
    /// Which of the connection's exchanges this is: a writer kept longer writes into no other's response.
    let exchange: Int

    /// Sends bytes as soon as the peer has room for them.
    ///
    /// Waits while more than `outputBytes` are unsent, so what is pending never exceeds that by more than one call's
    /// bytes. Throws once the peer is gone or the response is over.
    package func write(_ bytes: [UInt8]) async throws(StreamFault) {
        let result: Result<Void, StreamFault> = await withCheckedContinuation { continuation in
            connection.execute { $0.stream(bytes, of: exchange, continuation) }
        }
        try result.get()
    }

    package func write(_ text: String) async throws(StreamFault) { try await write(Array(text.utf8)) }
}

/// Why a streamed response goes no further.
package enum StreamFault: Error, Equatable, Sendable {
    /// The connection has ended; the closure's task is cancelled too.
    case peerGone
    /// The response this writer belonged to is over.
    case responseOver
}
