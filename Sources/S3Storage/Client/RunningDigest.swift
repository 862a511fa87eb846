import Cryptography
import RoomCore
import Synchronization

/// The SHA-256 of bytes as they arrive on the fetcher's queue.
final class RunningDigest: Sendable {
    private struct State: ~Copyable {
        var stream: SHA256Stream? = SHA256Stream()
        var size = 0
    }

    private let state = Mutex(State())

    /// True: go on. The piece is copied, for lent bytes may not enter the lock's region.
    func update(_ lent: UnsafeRawBufferPointer) -> Bool {
        let bytes = [UInt8](lent)
        state.withLock { state in
            state.size += bytes.count
            state.stream?.update(bytes)
        }
        return true
    }

    /// Nil when it was finished before.
    func finish() -> (size: Int, sha256: Digest)? {
        state.withLock { state in
            guard let stream = state.stream.take() else { return nil }
            return (state.size, Digest(trusted: stream.hex()))
        }
    }
}

/// The digest of the attempt under way; an attempt that broke off leaves nothing in it.
final class CurrentReading: Sendable {
    private let digest = Mutex(RunningDigest())

    func begin() -> RunningDigest {
        let fresh = RunningDigest()
        digest.withLock { $0 = fresh }
        return fresh
    }

    func finish() -> (size: Int, sha256: Digest)? { digest.withLock { $0 }.finish() }
}
