import Synchronization

/// What the listener side counts. Totals only rise; the open ones go both ways.
package final class ServingCounters: Sendable {
    package let connectionsAccepted = Atomic<Int>(0)
    package let connectionsOpen = Atomic<Int>(0)
    package let connectionsRefused = Atomic<Int>(0)
    package let requests = Atomic<Int>(0)
    package let webSocketsOpen = Atomic<Int>(0)
    package let framesIn = Atomic<Int>(0)
    package let framesOut = Atomic<Int>(0)

    package init() {}
}

extension Atomic<Int> {
    func count(_ amount: Int = 1) { wrappingAdd(amount, ordering: .relaxed) }
}
