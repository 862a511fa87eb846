import CCurl
import Dispatch
import Synchronization

/// Runs transfers in a block of one serial queue, which waits in `curl_multi_poll` while there are any and ends when
/// there are none.
///
///     submit ──▶ inbox ──▶ waiting ──▶ active ──▶ finish
///     wake   ──▶ a look at who was cancelled
///
/// Nothing but the inbox is shared: all else is local to the block.
final class TransferQueue: Sendable {
    private let settings: FetchSettings
    private let multi: MultiHandle
    private let queue = DispatchQueue(label: "http.fetching")
    private let inbox = Mutex(Inbox())

    private struct Inbox {
        var arrived: [TransferOrder] = []
        /// How many were handed to the running block and did not begin yet.
        var waiting = 0
        var isRunning = false
    }

    /// The longest wait in one piece, so that orders that wait for their turn find their time over.
    private static let longestWait: Int32 = 500

    init(_ settings: FetchSettings) {
        self.settings = settings
        multi = MultiHandle(connectionLimit: settings.activeLimit)
    }

    func submit(_ order: TransferOrder) {
        enum Step { case refuse, start, wake }
        let step: Step = inbox.withLock { inbox in
            guard inbox.arrived.count + inbox.waiting < settings.waitingLimit + settings.activeLimit else {
                return .refuse
            }
            inbox.arrived.append(order)
            defer { inbox.isRunning = true }
            return inbox.isRunning ? .wake : .start
        }
        switch step {
        case .refuse: order.finish(.failure(.busy))
        case .start: queue.async { self.run() }
        case .wake: multi.wake()
        }
    }

    func wake() { multi.wake() }

    // MARK: - On the queue

    private func run() {
        var waiting: [TransferOrder] = []
        var active: [UnsafeMutableRawPointer: Transfer] = [:]
        while takeArrived(into: &waiting, isIdle: active.isEmpty) {
            dropEnded(&waiting)
            dropCancelled(&active)
            begin(&waiting, &active)
            multi.perform()
            finishDone(&active)
            guard !active.isEmpty else { continue }
            multi.wait(milliseconds: Self.longestWait)
        }
    }

    /// False when there is nothing left to do: then the next order starts the block anew.
    private func takeArrived(into waiting: inout [TransferOrder], isIdle: Bool) -> Bool {
        inbox.withLock { inbox in
            waiting += inbox.arrived
            inbox.arrived.removeAll()
            inbox.waiting = waiting.count
            inbox.isRunning = !(waiting.isEmpty && isIdle)
            return inbox.isRunning
        }
    }

    /// Ends the orders whose time was over, or whose caller was gone, before their turn came.
    private func dropEnded(_ waiting: inout [TransferOrder]) {
        waiting.removeAll { order in
            if order.cancellation.isRequested {
                order.finish(.failure(.cancelled))
            } else if let left = order.timeLeft, left <= .zero {
                order.finish(.failure(.timedOut(host: order.address.host)))
            } else {
                return false
            }
            return true
        }
    }

    private func dropCancelled(_ active: inout [UnsafeMutableRawPointer: Transfer]) {
        for (easy, transfer) in active where transfer.order.cancellation.isRequested {
            multi.remove(transfer)
            active[easy] = nil
            transfer.order.finish(.failure(.cancelled))
        }
    }

    private func begin(_ waiting: inout [TransferOrder], _ active: inout [UnsafeMutableRawPointer: Transfer]) {
        let turn = waiting.prefix(max(0, settings.activeLimit - active.count))
        waiting.removeFirst(turn.count)
        for order in turn {
            guard let transfer = Transfer(order, settings: settings), multi.add(transfer) else {
                order.finish(.failure(.badRequest("libcurl does not take it: check the address and the CA file")))
                continue
            }
            active[transfer.easy] = transfer
        }
    }

    private func finishDone(_ active: inout [UnsafeMutableRawPointer: Transfer]) {
        while let (easy, code) = multi.nextDone() {
            guard let transfer = active.removeValue(forKey: easy) else { continue }
            multi.remove(transfer)
            transfer.order.finish(transfer.outcome(code))
        }
    }
}
