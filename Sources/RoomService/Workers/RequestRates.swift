import RoomCore
import Synchronization

/// How often each caller may ask, on one server.
package final class RequestRates: Sendable {
    private let buckets = Mutex<[String: (bucket: TokenBucket, usedAt: Timestamp)]>([:])
    private let perSecond: Int
    private let maxCallers: Int

    package init(perSecond: Int, maxCallers: Int = 20_000) {
        self.perSecond = perSecond
        self.maxCallers = maxCallers
    }

    /// Nil when it may ask now, else the seconds to wait.
    func take(_ caller: String, at now: Timestamp) -> Int? {
        buckets.withLock { buckets in
            // A bucket that was left alone for a second is full again, and so is a new one.
            if buckets.count >= maxCallers { buckets = buckets.filter { $0.value.usedAt.advanced(bySeconds: 1) > now } }
            var bucket = buckets[caller]?.bucket ?? TokenBucket(perSecond: perSecond, at: now)
            let wait = bucket.take(at: now)
            buckets[caller] = (bucket, now)
            return wait.map { ($0 + 999) / 1000 }
        }
    }
}
