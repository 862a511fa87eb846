import EventLoops

/// Writes a streamed body. Each write waits until the peer has taken most of what was written before.
package struct ResponseWriter: Sendable {
    let connection: LoopBound<HTTPConnection>

    package func write(_ bytes: [UInt8]) async throws(StreamFault) {
        let outcome = await withCheckedContinuation { continuation in
            connection.execute { $0.stream(bytes, then: continuation) }
        }
        try outcome.get()
    }
}

package enum StreamFault: Error, Equatable, Sendable {
    case peerGone
}
