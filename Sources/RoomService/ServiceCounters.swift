import Synchronization

/// What the service counts, for operators. Each counter only ever rises.
package final class ServiceCounters: Sendable {
    package let framesRelayed = Atomic<Int>(0)
    /// Frames to peers on other servers.
    package let framesRouted = Atomic<Int>(0)
    package let framesRefused = Atomic<Int>(0)
    package let outboxOverflows = Atomic<Int>(0)
    package let registrations = Atomic<Int>(0)
    package let registrationsRefused = Atomic<Int>(0)
    package let writesCommitted = Atomic<Int>(0)
    package let writesRefused = Atomic<Int>(0)
    package let writesUnavailable = Atomic<Int>(0)
    /// Writes whose outcome could not be learned.
    package let writesUnknown = Atomic<Int>(0)
    package let commits = Atomic<Int>(0)
    package let conflicts = Atomic<Int>(0)
    package let eventsOffered = Atomic<Int>(0)
    package let queries = Atomic<Int>(0)
    /// Times at which word between servers may have been lost.
    package let interruptions = Atomic<Int>(0)
    /// Events of streams that were kept, and those that were not.
    package let eventsPublished = Atomic<Int>(0)
    package let eventsDropped = Atomic<Int>(0)
    package let roomsLoaded = Atomic<Int>(0)
    package let roomsUnloaded = Atomic<Int>(0)

    package init() {}
}

extension Atomic<Int> {
    package func count(_ amount: Int = 1) { wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int { load(ordering: .relaxed) }
}
