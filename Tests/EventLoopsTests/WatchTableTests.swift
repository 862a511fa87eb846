import Testing

@testable import EventLoops

@Suite struct WatchTableTests {
    private final class Silent: Watcher {
        func ready(_ events: UInt32) {}
        func loopStopped() {}
    }

    @Test func eventForAClosedDescriptorDoesNotReachItsPlacesNextHolder() {
        var table = WatchTable()
        let (first, second) = (Silent(), Silent())
        let stale = table.insert(first)
        #expect(table[stale] === first)
        table.remove(stale)
        let fresh = table.insert(second)
        #expect(UInt32(truncatingIfNeeded: fresh) == UInt32(truncatingIfNeeded: stale))
        #expect(table[stale] == nil)
        #expect(table[fresh] === second)
        table.remove(stale)
        #expect(table[fresh] === second)
    }

    @Test func wakeTokenIsNobodys() {
        var table = WatchTable()
        _ = table.insert(Silent())
        #expect(table[EventLoop.wakeToken] == nil)
    }
}
