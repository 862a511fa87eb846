import RoomCore
import Synchronization

/// Time that passes when a test says so.
final class TestClock: Sendable {
    private let moment = Mutex(Timestamp(seconds: 1_760_000_000))

    var now: Timestamp { moment.withLock { $0 } }

    func advance(seconds: Int64) { moment.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}
