import Synchronization

/// A request on its way to the queue, and where its answer goes.
struct TransferOrder: Sendable {
    let request: FetchRequest
    let address: FetchAddress
    let cancellation: Cancellation
    let onBody: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
    /// Called once.
    let finish: @Sendable (Result<FetchResponse, FetchFault>) -> Void
    let orderedAt = ContinuousClock.now

    /// What is left of the whole time; nil without a limit, not positive when it is over.
    var timeLeft: Duration? {
        request.deadlines.total.map { $0 - (ContinuousClock.now - orderedAt) }
    }
}

/// Whether the caller has gone; looked at by the queue whenever it is woken.
final class Cancellation: Sendable {
    private let flag = Atomic(false)

    var isRequested: Bool { flag.load(ordering: .acquiring) }

    func request() { flag.store(true, ordering: .releasing) }
}
