import Synchronization

/// One loop's part of the counters. A connection that moves is counted down here and up there, so only the sums mean
/// something.
final class ServingLane: Sendable {
    /// Keeps the counts off the cache lines of whatever lies before and behind.
    private let before = (0, 0, 0, 0, 0, 0)
    let connectionsAccepted = LaneCount()
    let connectionsOpen = LaneCount()
    let requests = LaneCount()
    let webSocketsOpen = LaneCount()
    let framesIn = LaneCount()
    let framesOut = LaneCount()
    let bytesIn = LaneCount()
    let bytesOut = LaneCount()
    private let behind = (0, 0, 0, 0, 0, 0, 0, 0)
}

/// A number that one loop changes and everyone may read: hence a load and a store, and no locked instruction.
struct LaneCount: ~Copyable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// On the lane's loop only.
    func add(_ change: Int) {
        count.store(count.load(ordering: .relaxed) &+ change, ordering: .relaxed)
    }
}
