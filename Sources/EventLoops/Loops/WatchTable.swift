/// Something that wants to hear of its descriptor's readiness.
protocol Watcher: AnyObject {
    func ready(_ events: UInt32)
    /// The loop ends: close what it watches.
    func loopStopped()
}

/// Who is behind the number epoll reports.
///
/// ```
/// token   63……32      31……0
///         generation  place in the table
/// ```
/// The generation goes up when a place is vacated, so an event that was already fetched for a closed descriptor
/// finds nobody, even if its descriptor number or its place was given out again within the same batch.
struct WatchTable {
    private struct Place {
        var watcher: (any Watcher)?
        var generation: UInt32
    }

    private var places: ContiguousArray<Place> = []
    private var vacant: ContiguousArray<UInt32> = []

    subscript(token: UInt64) -> (any Watcher)? {
        let index = Int(UInt32(truncatingIfNeeded: token))
        guard index < places.count, places[index].generation == UInt32(token >> 32) else { return nil }
        return places[index].watcher
    }

    var watchers: [any Watcher] { places.compactMap(\.watcher) }

    mutating func insert(_ watcher: any Watcher) -> UInt64 {
        guard let index = vacant.popLast() else {
            places.append(Place(watcher: watcher, generation: 0))
            return UInt64(places.count - 1)
        }
        places[Int(index)].watcher = watcher
        return UInt64(places[Int(index)].generation) << 32 | UInt64(index)
    }

    mutating func remove(_ token: UInt64) {
        let index = UInt32(truncatingIfNeeded: token)
        guard self[token] != nil else { return }
        places[Int(index)].watcher = nil
        places[Int(index)].generation &+= 1
        vacant.append(index)
    }
}
